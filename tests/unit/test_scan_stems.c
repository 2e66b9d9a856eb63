/* test_scan_stems.c -- what sentences tell by the stems of their words, in many
 * languages: codes and passwords, answers to the line above, papers, accounts, illness;
 * marks that head a line; positions and machines; and texts that only look like them. */
#include "rows.h"

/* clang-format off */
static const struct row told[] = {
    {"O código do portão passa a 7741 a partir de sexta", "7741", ACTION_LOCAL},
    {"El código del portal pasa a ser 5523 desde el lunes", "5523", ACTION_LOCAL},
    {"El código de la puerta cambia a 9034 mañana", "9034", ACTION_LOCAL},
    {"Le code de la porte passe à 4471 lundi", "4471", ACTION_LOCAL},
    {"Le code du portail devient 8820 dès demain", "8820", ACTION_LOCAL},
    {"Der Türcode ändert sich auf 5512 ab Montag", "5512", ACTION_LOCAL},
    {"Der Code für die Haustür wurde auf 6634 geändert", "6634", ACTION_LOCAL},
    {"Il codice del portone diventa 3391 da lunedì", "3391", ACTION_LOCAL},
    {"Il codice del cancello è stato cambiato in 7702", "7702", ACTION_LOCAL},
    {"De deurcode wordt 4419 vanaf maandag", "4419", ACTION_LOCAL},
    {"Kod do bramy zmienia się na 5580 od poniedziałku", "5580", ACTION_LOCAL},
    {"Kod do drzwi zmieniono na 6612", "6612", ACTION_LOCAL},
    {"Код от подъезда поменяли на 4418", "4418", ACTION_LOCAL},
    {"Код домофона изменён на 7723", "7723", ACTION_LOCAL},
    {"ο κωδικός της πόρτας άλλαξε σε 5539", "5539", ACTION_LOCAL},
    {"ο κωδικός της πόρτας είναι 5539", "5539", ACTION_LOCAL},
    {"大门密码已改为559201，请勿外传", "559201", ACTION_LOCAL},
    {"门禁密码改成了 7738 大家记一下", "7738", ACTION_LOCAL},
    {"門鎖密碼更新為 448120", "448120", ACTION_LOCAL},
    {"密码换成 66120933 了", "66120933", ACTION_LOCAL},
    {"玄関の暗証番号は4471に変わりました", "4471", ACTION_LOCAL},
    {"ドアの暗証番号が 5582 になりました", "5582", ACTION_LOCAL},
    {"mật khẩu wifi đổi thành hoa2024mai rồi nhé", "hoa2024mai", ACTION_LOCAL},
    {"mã cửa mới là 4471", "4471", ACTION_LOCAL},
    {"kode pintu diganti jadi 5521", "5521", ACTION_LOCAL},
    {"รหัสประตูเปลี่ยนเป็น 4471 แล้วนะ", "4471", ACTION_LOCAL},
    {"dörrkoden ändras till 4471 från måndag", "4471", ACTION_LOCAL},
    {"portkoden är nu 8812", "8812", ACTION_LOCAL},
    {"dørkoden er endret til 5512", "5512", ACTION_LOCAL},
    {"ovikoodi vaihtui, uusi on 5521", "5521", ACTION_LOCAL},
    {"kód od dveří se mění na 4471", "4471", ACTION_LOCAL},
    {"ajtókód megváltozott, az új 4471", "4471", ACTION_LOCAL},
    {"codul de la ușă se schimbă în 4471", "4471", ACTION_LOCAL},
    {"кодът за вратата е сменен на 4471", "4471", ACTION_LOCAL},
    {"šifra za vrata promijenjena je u 4471", "4471", ACTION_LOCAL},
    {"הקוד לדלת השתנה ל-4471", "4471", ACTION_LOCAL},
    {"رمز الباب تغير إلى 4471", "4471", ACTION_LOCAL},
    {"दरवाज़े का कोड बदलकर 4471 हो गया है", "4471", ACTION_LOCAL},
    {"the door code changes to 4471 on Monday", "4471", ACTION_LOCAL},
    {"gate code has been changed to 5582", "5582", ACTION_LOCAL},
};

static const struct row answered[] = {
    {"Jan: wie ist der türcode nochmal?\nEva: 5512 dann links", "5512", ACTION_LOCAL},
    {"小王：门禁密码多少？\n小李：559201#，到了给我打电话", "559201", ACTION_LOCAL},
    {"小美：wifi密碼是多少\n阿明：sunny7788", "sunny7788", ACTION_LOCAL},
    {"지민: 현관 비번 뭐야?\n수아: 5521* 누르고 들어와", "5521", ACTION_LOCAL},
    {"ゆき: 玄関の暗証番号なんだっけ?\nけん: 4471だよ", "4471", ACTION_LOCAL},
    {"Linh: pass wifi là gì vậy\nTuấn: hoahong2024", "hoahong2024", ACTION_LOCAL},
    {"Ayşe: kapı şifresi neydi?\nMehmet: 6620 sonra 3. kat", "6620", ACTION_LOCAL},
    {"Lars: hva er dørkoden?\nKari: 5512 og opp i andre", "5512", ACTION_LOCAL},
    {"Sam: what's the wifi password again\nJo: Tulip-field88", "Tulip-field88", ACTION_LOCAL},
    {"Eleni: ποιος είναι ο κωδικός της πόρτας;\nNikos: 5539 και μετά δεύτερος", "5539", ACTION_LOCAL},
    {"what is the pin of the tablet?\n4471 i think", "4471", ACTION_LOCAL},
    {"was war nochmal das wlan passwort\nSonne2024! glaub ich", "Sonne2024!", ACTION_LOCAL},
    {"quel est le mdp wifi\nsoleil_2024 tout attaché", "soleil_2024", ACTION_LOCAL},
    {"cual es la clave del wifi\nperrito2024 todo junto", "perrito2024", ACTION_LOCAL},
    {"mk wifi là gì\ncaphe_sua_88 nha", "caphe_sua_88", ACTION_LOCAL},
    {"jelszó a wifihez?\nalma2024körte", "alma2024körte", ACTION_LOCAL},
    {"hoe was de wifi code\nzonnebloem77", "zonnebloem77", ACTION_LOCAL},
};

static const struct row papers[] = {
    {"vozniško dovoljenje 7482337252", "7482337252", ACTION_LOCAL},
    {"št. osebne izkaznice 282524684", "282524684", ACTION_LOCAL},
    {"davčna številka 32598799", "32598799", ACTION_LOCAL},
    {"broj osobne iskaznice 796338474", "796338474", ACTION_LOCAL},
    {"vodičský preukaz A3445529", "A3445529", ACTION_LOCAL},
    {"pașaport nr. 559722696", "559722696", ACTION_LOCAL},
    {"водійське посвідчення ВХЕ 834442", "834442", ACTION_LOCAL},
    {"δίπλωμα οδήγησης 325562392", "325562392", ACTION_LOCAL},
    {"vairuotojo pažymėjimas 25346245", "25346245", ACTION_LOCAL},
    {"n.º SNS 195 743 993", "195 743 993", ACTION_LOCAL},
    {"თბილისი, პირადი №: 01562042103", "01562042103", ACTION_LOCAL},
    {"անձնագիր AN7296745", "AN7296745", ACTION_LOCAL},
    {"ड्राइविंग लाइसेंस MH12 47549268779", "47549268779", ACTION_LOCAL},
    {"পাসপোর্ট নম্বর BX7792858", "BX7792858", ACTION_LOCAL},
    {"giấy phép lái xe 577973584583", "577973584583", ACTION_LOCAL},
    {"pasipoti namba AB255374", "AB255374", ACTION_LOCAL},
    {"駕照號碼 A463529938", "A463529938", ACTION_LOCAL},
    {"last 4 of SSN: 7328", "7328", ACTION_LOCAL},
};

static const struct row accounts[] = {
    {"โอนเข้า กสิกร 549-6-45376-4", "549-6-45376-4", ACTION_LOCAL},
    {"บัญชีธนาคารกรุงไทย 725-4-84678-4", "725-4-84678-4", ACTION_LOCAL},
    {"rekening BCA 8747739542 a.n. Siti", "8747739542", ACTION_LOCAL},
    {"účet 2284542325/4858", "2284542325/4858", ACTION_LOCAL},
    {"сбер 2236 9343 5677 8627", "2236 9343 5677 8627", ACTION_LOCAL},
    {"λογαριασμός 2774974996547955", "2774974996547955", ACTION_LOCAL},
    {"شماره کارت 3858 4689 9284 7289", "3858 4689 9284 7289", ACTION_LOCAL},
    {"账号 7896497568684926756", "7896497568684926756", ACTION_LOCAL},
    {"卡号 7998374682374722536", "7998374682374722536", ACTION_LOCAL},
    {"帳號 634549745843", "634549745843", ACTION_LOCAL},
    {"국민 978834-72-227399", "978834-72-227399", ACTION_LOCAL},
    {"PIN karty 3534", "3534", ACTION_LOCAL},
    {"pin kartu atm 942743", "942743", ACTION_LOCAL},
};

static const struct row ill[] = {
    {"Patientin Anna Berger, 54 J., Z. n. Cholezystektomie, jetzt Pankreatitis, Schmerzmittel bei Bedarf", "", ACTION_LOCAL},
    {"Utente Joana Ferreira, cefaleia há 4 dias, fotofobia, TAC sem alterações, sumatriptano SOS", "", ACTION_LOCAL},
    {"Paciente Lucía Ortega, cefalea y fotofobia, se pauta naproxeno y control en neurología", "", ACTION_LOCAL},
    {"M. Paul Girard, 71 ans, insuffisance cardiaque, furosémide 40, ramipril 5, revoir en consultation", "", ACTION_LOCAL},
    {"Pacientka Jana Nováková, hypertenze, na terapii perindoprilem, kontrola EKG", "", ACTION_LOCAL},
    {"Pacientka Mária Kováčová, zápal pľúc, antibiotiká 7 dní, kontrola RTG", "", ACTION_LOCAL},
    {"Пациентка Иванова Анна Петровна, артериальная гипертензия, принимает лозартан, ЭКГ без динамики", "", ACTION_LOCAL},
    {"Пацієнтка Коваль Оксана, цукровий діабет, приймає метформін, контроль глюкози", "", ACTION_LOCAL},
    {"Пациентът Иван Петров, високо кръвно налягане, приема лозартан, контролна ехография", "", ACTION_LOCAL},
    {"Pacijentkinja Ana Horvat, šećerna bolest, uzima metformin, kontrola kod internista", "", ACTION_LOCAL},
    {"Bolnica Mojca Novak, sladkorna bolezen, jemlje metformin, kontrola pri diabetologu", "", ACTION_LOCAL},
    {"Pasienten Kari Hansen har høyt blodtrykk og KOLS, bruker inhalator daglig", "", ACTION_LOCAL},
    {"Potilas Matti Virtanen, verenpainetauti, sydämen vajaatoiminta, lääkitys ennallaan", "", ACTION_LOCAL},
    {"Hasta Ayşe Yılmaz, hipertansiyon, şeker hastalığı, metformin kullanıyor, kontrol önerildi", "", ACTION_LOCAL},
    {"პაციენტი თამარ ბერიძე, მწვავე აპენდიციტი, ლაპაროსკოპია, გართულების გარეშე", "", ACTION_LOCAL},
    {"Հիվանդ Անի Պետրոսյան, զարկերակային հիպերտենզիա, շաքարային դիաբետ", "", ACTION_LOCAL},
    {"المريضة فاطمة الزهراني تعاني من ارتفاع ضغط الدم والسكري وتتناول الميتفورمين", "", ACTION_LOCAL},
    {"بیمار مریم احمدی، فشار خون بالا، دیابت، مصرف متفورمین", "", ACTION_LOCAL},
    {"मरीज़ सुनीता शर्मा को उच्च रक्तचाप और मधुमेह है, मेटफॉर्मिन ले रही हैं", "", ACTION_LOCAL},
    {"病患陳美玲，女，62歲，高血壓、糖尿病，門診追蹤", "", ACTION_LOCAL},
    {"患者の田中花子さん、58歳、高血圧、糖尿病、メトホルミン内服中", "", ACTION_LOCAL},
    {"환자 김영희, 여, 58세, 고혈압, 당뇨병, 메트포르민 복용 중", "", ACTION_LOCAL},
    {"Pasien Siti Aminah, 58 tahun, hipertensi, diabetes melitus, terapi metformin", "", ACTION_LOCAL},
    {"Mgonjwa Amina Juma, umri 58, shinikizo la damu na kisukari, anatumia metformin", "", ACTION_LOCAL},
    {"Ms Rosa Finch, Rm 12: donepezil 10 mg given, wound on sacrum dressed, GP informed, refused lunch", "", ACTION_LOCAL},
    {"Employee Dana Cole (ID A11) gave a note: multiple sclerosis, fatigue, needs to work from home", "", ACTION_LOCAL},
    {"Mr Ivan Petrov, post-op day 2 laparoscopic hernia repair, analgesia adequate, mobilising", "", ACTION_LOCAL},
    {"Le petit Hugo Martin (CP) est épileptique, Buccolam dans l'armoire, PAI signé", "", ACTION_LOCAL},
};

static const struct row marked[] = {
    {"CONFIDENTIAL - NOT FOR DISTRIBUTION\nProject Heron: bid price is 41m", "CONFIDENTIAL", ACTION_LOCAL},
    {"Attorney-client privileged: my view of the claim is", "Attorney", ACTION_LOCAL},
    {"Company confidential: draft reorg plan for Q3", "Company", ACTION_LOCAL},
    {"INTERNAL USE ONLY - salary bands", "INTERNAL", ACTION_LOCAL},
    {"Restricted circulation: board members only", "Restricted", ACTION_LOCAL},
    {"Privileged & Confidential - prepared at the request of counsel", "Privileged", ACTION_LOCAL},
    {"UNCLASSIFIED//FOUO roster", "UNCLASSIFIED//FOUO", ACTION_LOCAL},
};

static const struct row english[] = {
    {"bike lock 7741, garage keypad 0925 then hash", "7741", ACTION_LOCAL},
    {"2FA seed JBSWY3DPEHPK3PXPQR5TZ", "JBSWY3DPEHPK3PXPQR5TZ", ACTION_LOCAL},
    {"telephone banking passnumber 918273", "918273", ACTION_LOCAL},
    {"PPS number 4928173TA for the payroll form", "4928173TA", ACTION_LOCAL},
    {"CHI number 1206578432", "1206578432", ACTION_LOCAL},
    {"USCIS receipt IOE0938472615", "IOE0938472615", ACTION_LOCAL},
    {"visa foil 83920174", "83920174", ACTION_LOCAL},
    {"state ID 482-739-105", "482-739-105", ACTION_LOCAL},
    {"pt. Margery Holt, NHS no. above, admitted with NOF #, for DHS tomorrow", "Margery Holt", ACTION_LOCAL},
    {"S: pt reports low mood. O: PHQ-9 18. A: MDD. P: start sertraline. Client: Dana Fitch", "Dana Fitch", ACTION_LOCAL},
    {"Handover: bed 4 Mr Holt, 81F, #NOF, NBM from midnight, bloods pending", "Holt", ACTION_LOCAL},
    {"Vaccination record: Oliver Marsh, MMR 1, MMR 2, DTaP booster due", "Oliver Marsh", ACTION_LOCAL},
    {"Lab report for Janet Holt: HbA1c 58, eGFR 44, ferritin 9", "Janet Holt", ACTION_LOCAL},
    {"Dental: Janet Holt, UR6 extraction, LA given, haemostasis achieved", "Janet Holt", ACTION_LOCAL},
    {"Eye clinic: Janet Holt VA 6/12 R 6/9 L, IOP 24/19, start latanoprost", "Janet Holt", ACTION_LOCAL},
    {"Incident: Oliver Marsh had a seizure in PE, 3 min, ambulance called", "Oliver Marsh", ACTION_LOCAL},
    {"payslip: J Holt, NI QQ738492C, tax code 1257L, net pay 1,842.11", "QQ738492C", ACTION_LOCAL},
    {"gate fob 0004827391, alarm fob 0004827392", "0004827391", ACTION_LOCAL},
};

static const struct row places[] = {
    {"<trkpt lat=\"51.203944\" lon=\"-2.640817\"><ele>12</ele></trkpt>", "51.203944", ACTION_MASK},
    {"{\"lat\": 48.736912, \"lng\": 9.305418}", "48.736912", ACTION_MASK},
    {"last seen 50 41.7 N 001 18.2 W at dusk", "50 41.7 N 001 18.2 W", ACTION_MASK},
    {"found at 51\xC2\xB0" "12'41\"N 2\xC2\xB0" "38'50\"W by the hedge", "51\xC2\xB0" "12'41\"N 2\xC2\xB0" "38'50\"W", ACTION_MASK},
    {"GPS Position : 45 deg 26' 9.05\" N, 12 deg 20' 1.44\" E", "45 deg 26' 9.05\" N, 12 deg 20' 1.44\" E", ACTION_MASK},
};

static const struct row machines[] = {
    {"Asset: WS-FIN-01873, keyboard sticks", "WS-FIN-01873", ACTION_MASK},
    {"the spooler says client \\\\PC-LAGER-04 refused", "PC-LAGER-04", ACTION_MASK},
    {"lease for GretaMarshs-MacBook is static now", "GretaMarshs-MacBook", ACTION_MASK},
    {"Service tag: 7HX2KQ3, warranty ended", "7HX2KQ3", ACTION_MASK},
    {"Numer seryjny: 5CG8271KQT", "5CG8271KQT", ACTION_MASK},
};

static const char *const clear[] = {
    "The error code 4042 means that the door sensor driver was not loaded.",
    "What is the dress code at the 2024 gala, and which door opens first?",
    "Password must have 12 characters and expires after 90 days.",
    "Ist der Reisepass nach 10 Jahren abgelaufen, und was kostet ein neuer?",
    "RFC 2616 section 4.1 was replaced by RFC 7230 3.3.3.",
    "How do metformin and empagliflozin differ in a patient with diabetes?",
    "Which vaccines are given at 12 weeks, and what is a booster dose?",
    "Explain what INTERNAL USE ONLY means on a data sheet.",
    "A grid of 51 rows and 12 columns, N 4, W 7.",
    "The lot was 250 000 pieces at 120 000 euros.",
    "In Python 3.11 the route /gate/4471 returns 404.",
    "RTX-4090 beats GTX-1080; compare PC-98 and MS-DOS.",
};
/* clang-format on */

static void codes_are_told_in_many_ways(void **state)
{
    CHECK_ROWS(told);
    CHECK_ROWS(english);
}

static void answers_stand_on_the_next_line(void **state)
{
    CHECK_ROWS(answered);
}

static void papers_and_accounts_are_named_with_endings(void **state)
{
    CHECK_ROWS(papers);
    CHECK_ROWS(accounts);
}

static void illness_is_told_in_many_languages(void **state)
{
    CHECK_ROWS(ill);
}

static void marks_head_a_line(void **state)
{
    CHECK_ROWS(marked);
}

static void positions_and_machines_are_masked(void **state)
{
    CHECK_ROWS(places);
    CHECK_ROWS(machines);
}

static void other_texts_stay_clear(void **state)
{
    CHECK_CLEAR(clear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_told_in_many_ways),
        cmocka_unit_test(answers_stand_on_the_next_line),
        cmocka_unit_test(papers_and_accounts_are_named_with_endings),
        cmocka_unit_test(illness_is_told_in_many_languages),
        cmocka_unit_test(marks_head_a_line),
        cmocka_unit_test(positions_and_machines_are_masked),
        cmocka_unit_test(other_texts_stay_clear),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
