/* test_scan_tongues.c -- passwords and codes in some sixty languages: each name of one,
 * in a form, a sentence, a question with its answer, JSON and a table, makes a text stay.
 */
#include "rows.h"

enum { PASSWORD, PIN, ONCE, DOOR, RESCUE, WORD, NETWORK, CONCEPTS, TEXT_BYTES = 512 };

struct tongue {
    const char *said, *asked;    /* {L} the name, {V} the value */
    const char *names[CONCEPTS]; /* with ; between */
};

/* clang-format off */
static const struct tongue tongues[] = {
    {"The {L} is {V}, ok?", "What's the {L}?",
     {"password;wifi password;Netflix password;pwd;passphrase;laptop login password", "PIN;card PIN;PIN for the card;voicemail PIN", "verification code;one-time code;OTP;login code;confirmation code;security code", "door code;gate code;entry code;alarm code;key safe code;garage code;front door code", "recovery code;backup code;rescue code", "code word;safe word;pickup password;family code word", "wifi key;network key;router key"}},
    {"Das {L} lautet {V}, ok?", "Wie ist das {L}?",
     {"Passwort;WLAN-Passwort;Kennwort;Zugangspasswort;Netflix-Passwort", "PIN;Karten-PIN;Handy-PIN;Geheimzahl", "Bestätigungscode;Einmalcode;TAN;SMS-Code;Prüfcode;Sicherheitscode", "Türcode;Haustürcode;Torcode;Alarmcode;Schlüsseltresor-Code;Zugangscode", "Wiederherstellungscode;Backup-Code;Notfallcode", "Codewort;Kennwort fürs Abholen;Losungswort;Abholkennwort", "WLAN-Schlüssel;Netzwerkschlüssel"}},
    {"Le {L} est {V}, d'accord ?", "C'est quoi le {L} ?",
     {"mot de passe;mdp;mot de passe wifi;mot de passe Netflix", "code PIN", "code de vérification;code de confirmation;code reçu par SMS;code de validation", "digicode;code d'entrée;code du portail;code de l'alarme;code de l'immeuble", "code de récupération;code de secours", "", "clé wifi"}},
    {"La {L} es {V}, ¿vale?", "¿Cuál es la {L}?",
     {"contraseña;clave;contraseña del wifi;clave de acceso;pass", "clave PIN;PIN de la tarjeta;clave secreta", "clave de verificación;código de verificación;código SMS;clave dinámica;código de confirmación", "clave de la puerta;código del portal;código del garaje", "clave de recuperación;código de respaldo;código de recuperación", "palabra clave;palabra de seguridad;contraseña para recoger", "clave del wifi;clave de red"}},
    {"A {L} é {V}, ok?", "Qual é a {L}?",
     {"senha;palavra-passe;senha do wifi;senha da Netflix", "senha do cartão;senha de 4 dígitos", "código de verificação;código SMS;código de confirmação;token do banco", "senha do portão;código da porta;código do alarme;código do portão", "código de recuperação;código de backup", "palavra de segurança;senha para buscar", "chave do wifi;chave de rede;senha da rede"}},
    {"La {L} è {V}, ok?", "Qual è la {L}?",
     {"password;password del wifi;parola d'ordine;pw", "PIN della carta;codice PIN;PIN", "codice di verifica;codice OTP;codice di conferma;codice via SMS;codice monouso", "codice del portone;codice del cancello;codice dell'allarme;codice porta;combinazione della cassaforte", "codice di recupero;codice di backup;codice di emergenza", "parola di sicurezza;parola chiave;parola in codice", "chiave wifi;chiave di rete;chiave WPA"}},
    {"Het {L} is {V}, oké?", "Wat is het {L}?",
     {"wachtwoord;wifi-wachtwoord;inlogwachtwoord", "pincode;pincode van de pas;pin", "verificatiecode;sms-code;bevestigingscode;eenmalige code;inlogcode", "deurcode;poortcode;alarmcode;code van de voordeur;code van de sleutelkluis", "herstelcode;back-upcode;noodcode", "codewoord;veiligheidswoord", "wifi-sleutel;netwerksleutel"}},
    {"{L} är {V}, okej?", "Vad är {L}?",
     {"lösenordet;lösenord;wifi-lösenord;lösen", "PIN-koden;pinkod;kortets PIN", "verifieringskoden;engångskod;sms-kod;bekräftelsekod", "portkoden;dörrkod;larmkod;koden till dörren", "återställningskod;reservkod", "kodord;lösenord för hämtning", "nätverksnyckel;wifi-nyckel"}},
    {"{L} er {V}, ok?", "Hvad er {L}?",
     {"adgangskoden;kodeordet;kodeord;password;wifi-kode", "pinkoden;pinkode;PIN", "bekræftelseskode;engangskode;sms-kode;verifikationskode", "dørkoden;portkode;alarmkode;koden til døren", "gendannelseskode;nødkode", "kodeord til afhentning;sikkerhedsord", "netværksnøgle;wifi-nøgle"}},
    {"{L} er {V}, ok?", "Hva er {L}?",
     {"passordet;passord;wifi-passord", "PIN-koden;pinkode", "bekreftelseskode;engangskode;sms-kode", "dørkoden;portkode;alarmkode;koden til døra", "gjenopprettingskode;reservekode", "kodeord;sikkerhetsord", "nettverksnøkkel"}},
    {"{L} on {V}, ok?", "Mikä on {L}?",
     {"salasana;wifi-salasana;wifin salasana;salasanani", "PIN-koodi;tunnusluku;kortin tunnusluku", "vahvistuskoodi;kertakäyttökoodi;tekstiviestikoodi", "ovikoodi;porttikoodi;hälytyskoodi;alaoven koodi", "palautuskoodi;varakoodi", "koodisana;tunnussana", "verkkoavain;suojausavain"}},
    {"{L} er {V}, ok?", "Hvað er {L}?",
     {"lykilorðið;lykilorð;aðgangsorð", "PIN-númerið;pinnið", "staðfestingarkóði;öryggiskóði", "hurðarkóðinn;kóðinn á hurðina", "", "leyniorð", "netlykill"}},
    {"{L} on {V}, ok?", "Mis on {L}?",
     {"parool;salasõna;wifi parool", "PIN-kood;kaardi PIN", "kinnituskood;ühekordne kood;SMS-kood", "uksekood;väravakood;valvekood;fonoluku kood", "taastekood;varukood", "koodsõna", "võrguvõti"}},
    {"{L} ir {V}, labi?", "Kāda ir {L}?",
     {"parole;wifi parole;paroli", "PIN kods;kartes PIN", "verifikācijas kods;vienreizējais kods;apstiprinājuma kods;SMS kods", "durvju kods;vārtu kods;signalizācijas kods", "atkopšanas kods;rezerves kods", "koda vārds", "tīkla atslēga"}},
    {"{L} yra {V}, gerai?", "Koks {L}?",
     {"slaptažodis;wifi slaptažodis", "PIN kodas;kortelės PIN", "patvirtinimo kodas;vienkartinis kodas;SMS kodas", "durų kodas;vartų kodas;signalizacijos kodas", "", "kodinis žodis", "tinklo raktas"}},
    {"{L} to {V}, ok?", "Jakie jest {L}?",
     {"hasło;hasło do wifi;hasełko", "PIN;PIN do karty;kod PIN", "kod weryfikacyjny;kod SMS;kod autoryzacyjny;kod jednorazowy;kod potwierdzający", "kod do drzwi;kod do bramy;kod do domofonu;kod do klatki;kod alarmu;kod do furtki", "kod odzyskiwania;kod zapasowy;kod ratunkowy", "hasło odbioru;hasło bezpieczeństwa", "klucz sieciowy;klucz wifi;klucz zabezpieczeń"}},
    {"{L} je {V}, jo?", "Jaké je {L}?",
     {"heslo;heslo k wifi;heslo na wifi", "PIN;PIN ke kartě;kód PIN", "ověřovací kód;jednorázový kód;SMS kód;potvrzovací kód", "kód ke dveřím;kód od brány;kód alarmu;kód ke vchodu", "záložní kód;obnovovací kód", "kódové slovo;heslo pro vyzvednutí", "klíč k síti;klíč wifi"}},
    {"{L} je {V}, dobre?", "Aké je {L}?",
     {"heslo;heslo na wifi", "PIN kód;PIN ku karte", "overovací kód;jednorazový kód;SMS kód", "kód od dverí;kód od brány;kód alarmu", "záložný kód;obnovovací kód", "kódové slovo", "sieťový kľúč"}},
    {"A {L} {V}, jó?", "Mi a {L}?",
     {"jelszó;wifi jelszó;jelszava;belépési jelszó", "PIN kód;PIN-kód;kártya PIN", "ellenőrző kód;megerősítő kód;SMS kód;egyszer használatos kód", "kapukód;ajtókód;riasztó kódja;bejárati kód", "helyreállítási kód", "jelmondat;titkos szó", "wifi kulcs;hálózati kulcs"}},
    {"{L} este {V}, ok?", "Care e {L}?",
     {"parola;parola de wifi", "PIN-ul;codul PIN;PIN-ul cardului", "codul de verificare;codul primit prin SMS;codul de confirmare;codul unic", "codul de la ușă;codul de la interfon;codul porții;codul alarmei", "codul de recuperare;codul de rezervă", "", ""}},
    {"{L} je {V}, ok?", "Koja je {L}?",
     {"lozinka;zaporka;lozinka za wifi;šifra", "PIN;PIN kartice", "verifikacijski kod;jednokratni kod;SMS kod;kod za potvrdu", "šifra za vrata;kod za ulaz;šifra alarma;kod od kapije", "kod za oporavak;rezervni kod", "sigurnosna riječ", "mrežni ključ;wifi ključ"}},
    {"{L} је {V}, ок?", "Која је {L}?",
     {"лозинка;шифра", "ПИН;пин код;пин картице", "верификациони код;једнократни код;СМС код", "шифра за врата;код за улаз;шифра аларма;код капије", "резервни код;код за опоравак", "тајна реч", "мрежни кључ"}},
    {"{L} je {V}, ok?", "Kakšno je {L}?",
     {"geslo;geslo za wifi", "PIN koda;PIN", "potrditvena koda;enkratna koda;SMS koda", "koda za vrata;koda alarma", "obnovitvena koda;rezervna koda", "varnostna beseda", "omrežni ključ"}},
    {"{L} е {V}, добре?", "Каква е {L}?",
     {"паролата;парола;парола за wifi", "ПИН кодът;ПИН код;пин на картата", "еднократен код;СМС код", "кодът за входа;код за вратата;код на алармата", "резервен код", "кодова дума", "мрежов ключ"}},
    {"{L} — {V}, ок?", "Какой {L}?",
     {"пароль;пароль от вайфая;пароль от почты;парольчик", "пин-код;пин карты;ПИН", "код подтверждения;код из смс;одноразовый код;проверочный код", "код домофона;код от подъезда;код от калитки;код сигнализации;код двери;код от сейфа", "код восстановления;резервный код;запасной код", "кодовое слово;секретное слово", "ключ сети;ключ вайфая"}},
    {"{L} — {V}, гаразд?", "Який {L}?",
     {"пароль;пароль від вайфаю", "пін-код;пін картки", "код підтвердження;одноразовий код;код із СМС", "код домофона;код хвіртки;код сигналізації", "код відновлення;резервний код", "кодове слово", "ключ мережі"}},
    {"Ο {L} είναι {V}, εντάξει;", "Ποιος είναι ο {L};",
     {"κωδικός;κωδικός πρόσβασης;συνθηματικό;κωδικός wifi;κωδικός του wifi", "PIN;κωδικός PIN", "κωδικός επιβεβαίωσης;κωδικός μίας χρήσης;κωδικός επαλήθευσης;κωδικός SMS", "κωδικός της πόρτας;κωδικός εισόδου;κωδικός συναγερμού", "κωδικός ανάκτησης;εφεδρικός κωδικός", "κωδική λέξη", "κλειδί wifi"}},
    {"{L} {V}, tamam mı?", "{L} ne?",
     {"şifre;parola;wifi şifresi;şifrem", "PIN;kart şifresi;PIN kodu", "doğrulama kodu;onay kodu;tek kullanımlık şifre;SMS kodu;güvenlik kodu", "kapı şifresi;kapı kodu;alarm şifresi", "kurtarma kodu;yedek kod", "parola kelime", "ağ anahtarı;wifi anahtarı"}},
    {"{L} {V}, oldu?", "{L} nədir?",
     {"parol;şifrə;wifi parolu", "PIN kod", "təsdiq kodu;birdəfəlik kod;SMS kodu", "qapı kodu", "bərpa kodu", "", "şəbəkə açarı"}},
    {"{L} هي {V} تمام؟", "ما هي {L}؟",
     {"كلمة المرور;كلمة السر;الباسورد;باسورد الواي فاي", "الرمز السري;رقم البطاقة السري", "رمز التحقق;كود التحقق;رمز التأكيد;كود التفعيل", "رمز الباب;كود الباب;رمز البوابة;رمز الإنذار", "رمز الاسترداد;رمز احتياطي;رمز الاستعادة", "كلمة سرية;كلمة الأمان", "مفتاح الشبكة;رمز الواي فاي"}},
    {"{L} {V} است، خب؟", "{L} چیه؟",
     {"گذرواژه;پسورد", "پین", "کد تأیید;کد تایید", "رمز در;کد درب;رمز دزدگیر", "کد بازیابی;کد پشتیبان", "", "کلید شبکه"}},
    {"{L} היא {V}, בסדר?", "מה {L}?",
     {"הסיסמה;סיסמה;סיסמת הוויפיי;סיסמא", "קוד סודי;PIN;הקוד של הכרטיס", "קוד אימות;קוד חד פעמי;קוד האימות", "קוד הדלת;קוד כניסה;קוד השער;קוד לאזעקה", "קוד שחזור;קוד גיבוי", "מילת קוד;מילת ביטחון", "מפתח רשת"}},
    {"{L} {V} है, ठीक?", "{L} क्या है?",
     {"पासवर्ड;वाईफाई पासवर्ड;पासवर्ड नया", "एटीएम पिन;कार्ड का पिन", "ओटीपी;सत्यापन कोड;OTP", "दरवाज़े का कोड;गेट का कोड;गेट कोड;अलार्म का कोड", "रिकवरी कोड", "", "नेटवर्क कुंजी"}},
    {"{L} হলো {V}, ঠিক আছে?", "{L} কী?",
     {"পাসওয়ার্ড;ওয়াইফাই পাসওয়ার্ড", "", "ওটিপি;যাচাই কোড", "দরজার কোড;গেটের কোড", "রিকভারি কোড", "", ""}},
    {"{L} {V} ہے، ٹھیک؟", "{L} کیا ہے؟",
     {"پاسورڈ", "", "تصدیقی کوڈ", "دروازے کا کوڈ;گیٹ کوڈ", "ریکوری کوڈ", "", ""}},
    {"{L} {V}, சரியா?", "{L} என்ன?",
     {"கடவுச்சொல்;வைஃபை கடவுச்சொல்;பாஸ்வேர்ட்", "", "ஓடிபி;சரிபார்ப்புக் குறியீடு", "கதவு குறியீடு;கேட் கோட்", "மீட்பு குறியீடு", "ரகசிய சொல்", "பிணைய விசை"}},
    {"{L} {V}, సరేనా?", "{L} ఏమిటి?",
     {"పాస్‌వర్డ్;వైఫై పాస్‌వర్డ్", "", "ఓటీపీ;ధృవీకరణ కోడ్", "తలుపు కోడ్;గేట్ కోడ్", "రికవరీ కోడ్", "రహస్య పదం", "నెట్‌వర్క్ కీ"}},
    {"{L}คือ {V} นะ", "{L}คืออะไร",
     {"รหัสไวไฟ;รหัส wifi", "พินโค้ด", "รหัส OTP;รหัสยืนยัน;รหัสยืนยันตัวตน", "รหัสประตู;รหัสเซฟ", "รหัสกู้คืน", "", ""}},
    {"{L} là {V} nhé", "{L} là gì?",
     {"mật khẩu;mật khẩu wifi;pass wifi", "mã PIN;mã PIN thẻ", "mã xác nhận;mã OTP;mã xác thực;mã xác minh", "mã cửa;mã cổng;mã khóa cửa;mật mã cửa", "mã khôi phục", "mật khẩu đón con", "khóa mạng"}},
    {"{L} adalah {V} ya", "Apa {L}?",
     {"kata sandi;password wifi;sandi wifi;pw", "PIN;PIN ATM;PIN kartu", "kode OTP;kode verifikasi;kode konfirmasi", "kode pintu;kode gerbang;kode alarm;kode brankas", "kode pemulihan;kode cadangan", "kata rahasia", "kunci jaringan"}},
    {"{L} ialah {V} ya", "Apa {L}?",
     {"kata laluan;kata laluan wifi", "nombor PIN;PIN kad", "kod pengesahan;kod OTP;kod TAC", "kod pintu;kod pagar;kod penggera", "kod pemulihan;kod sandaran", "kata rahsia", "kunci rangkaian"}},
    {"Ang {L} ay {V} ha", "Ano ang {L}?",
     {"password;password ng wifi", "PIN ng card;PIN", "verification code;OTP;one-time PIN", "code ng pinto", "recovery code", "lihim na salita", "wifi key"}},
    {"{L} ni {V} sawa", "{L} ni gani?",
     {"nenosiri;neno la siri;nywila;password ya wifi", "namba ya siri;PIN ya kadi", "msimbo wa uthibitisho;namba ya uthibitisho", "msimbo wa mlango;namba ya geti", "msimbo wa kurejesha", "", ""}},
    {"{L}是{V}好吗", "{L}是什么？",
     {"密码;登录密码;wifi密码;邮箱密码;开机密码", "银行卡密码;取款密码;支付密码;锁屏密码", "验证码;短信验证码;校验码", "门禁密码;大门密码;门锁密码;保险箱密码;报警密码", "", "暗号;接头暗号;口令", "网络密钥;无线密钥"}},
    {"{L}是{V}好嗎", "{L}是什麼？",
     {"密碼;登入密碼;wifi密碼", "提款密碼;金融卡密碼", "驗證碼;簡訊驗證碼;動態密碼", "門鎖密碼;大門密碼;保險箱密碼;鐵門密碼", "", "暗號", "網路金鑰"}},
    {"{L}は{V}です", "{L}は何？",
     {"パスワード;ログインパスワード", "暗証番号;キャッシュカードの暗証番号", "認証コード;確認コード;ワンタイムパスワード;認証番号", "ドアの暗証番号;玄関の暗証番号", "", "合言葉;お迎えの合言葉", "暗号化キー"}},
    {"{L}는 {V}예요", "{L} 뭐예요?",
     {"비밀번호;와이파이 비밀번호;비번;패스워드;암호", "핀번호;카드 비밀번호", "인증번호;인증코드;일회용 비밀번호;OTP 번호", "현관 비밀번호;공동현관 비번;도어락 비번;금고 비밀번호", "", "암구호;하원 암호", ""}},
    {"{L} {V} ነው", "{L} ምንድን ነው?",
     {"የይለፍ ቃል;ፓስወርድ;የዋይፋይ ፓስወርድ", "ፒን ኮድ;የካርድ ፒን", "የማረጋገጫ ኮድ", "የበር ኮድ", "የመጠባበቂያ ኮድ", "", ""}},
    {"{L} არის {V}, კარგი?", "რა არის {L}?",
     {"პაროლი;ვაიფაის პაროლი", "პინ-კოდი;ბარათის პინი", "დადასტურების კოდი", "კარის კოდი;სადარბაზოს კოდი", "აღდგენის კოდი", "საიდუმლო სიტყვა", "ქსელის გასაღები"}},
    {"{L} {V} է, լա՞վ", "Ո՞րն է {L}",
     {"գաղտնաբառը;գաղտնաբառ", "", "հաստատման կոդ", "դռան կոդը;մուտքի կոդ", "վերականգնման կոդ", "", "ցանցի բանալի"}},
    {"{L} — {V}, жарай ма?", "{L} қандай?",
     {"құпиясөз;құпия сөз;вайфай құпиясөзі", "", "растау коды", "есік коды;домофон коды", "қалпына келтіру коды", "", "желі кілті"}},
    {"La {L} és {V}, d'acord?", "Quina és la {L}?",
     {"contrasenya;contrasenya del wifi;clau", "clau PIN;PIN de la targeta", "codi de verificació;codi de confirmació", "codi de l'alarma", "codi de recuperació", "paraula clau", "clau de xarxa;clau del wifi"}},
    {"{L} {V} da, ados?", "Zein da {L}?",
     {"pasahitza;wifiaren pasahitza", "PIN kodea", "egiaztapen-kodea", "ateko kodea;alarmaren kodea", "berreskuratze-kodea", "", "sareko gakoa"}},
    {"Y {L} yw {V}, iawn?", "Beth yw'r {L}?",
     {"cyfrinair;cyfrinair wifi", "PIN y cerdyn;rhif PIN", "cod dilysu;cod cadarnhau", "cod y drws;cod y larwm", "cod adfer", "gair cod", "allwedd rhwydwaith"}},
    {"Is é {V} an {L}, ceart?", "Cad é an {L}?",
     {"pasfhocal wifi", "", "", "cód an dorais;cód an gheata", "", "", ""}},
    {"{L} është {V}, mirë?", "Cili është {L}?",
     {"fjalëkalimi;fjalëkalimi i wifi;pasuordi", "kodi PIN", "kodi i verifikimit", "kodi i derës;kodi i portës", "kodi i rikuperimit", "", "çelësi i rrjetit"}},
    {"{L} е {V}, добро?", "Која е {L}?",
     {"лозинката;лозинка;шифра", "ПИН кодот;пин", "код за потврда;еднократен код", "кодот за вратата;шифра за врата", "", "тајна реч", "мрежен клуч"}},
    {"Die {L} is {V}, oukei?", "Wat is die {L}?",
     {"wagwoord;wifi-wagwoord", "PIN;PIN van die kaart", "verifikasiekode;eenmalige kode", "deurkode;alarmkode", "herstelkode", "kodewoord", "netwerksleutel"}},
    {"{L} ithi {V}, kulungile?", "Ithini {L}?",
     {"iphasiwedi;iphasiwedi ye-wifi", "iphini yekhadi", "", "ikhodi yesango", "", "igama eliyimfihlo", "ukhiye wenethiwekhi"}},
    {"{L} ni {V}", "Kí ni {L}?",
     {"ọrọ aṣínà;password wifi", "PIN káàdì", "", "", "", "ọ̀rọ̀ àṣírí", "wifi key"}},
    {"{L} ita ce {V}", "Mene ne {L}?",
     {"", "", "lambar tabbatarwa", "lambar kofa", "", "", ""}},
    {"{L} бол {V}", "{L} юу вэ?",
     {"нууц үг;вайфайн нууц үг", "", "баталгаажуулах код", "хаалганы код;орцны код", "сэргээх код", "", "сүлжээний түлхүүр"}},
    {"{L} {V} हो", "{L} के हो?",
     {"पासवर्ड;वाइफाइको पासवर्ड", "", "", "ढोकाको कोड;गेटको कोड", "", "", ""}},
};
/* clang-format on */

static const char *const values[CONCEPTS] = {[PASSWORD] = "Kastanie47!83",
                                             [PIN] = "4715",
                                             [ONCE] = "482913",
                                             [DOOR] = "5582",
                                             [WORD] = "marmot47",
                                             [RESCUE] = "kd47-mp82-bx39",
                                             [NETWORK] = "linden4715b"};

static void write_text(const char *form, struct str name, const char *value, char *ret)
{
    struct str rest = str_of(form);
    size_t n = 0;
    while (rest.n) {
        bool is_name = str_starts(rest, STR("{L}")),
             is_value = str_starts(rest, STR("{V}"));
        struct str put = is_name ? name : is_value ? str_of(value) : str_sub(rest, 0, 1);
        rest = str_sub(rest, is_name || is_value ? 3 : 1, rest.n);
        for (size_t i = 0; i < put.n && n + 2 < TEXT_BYTES; i++)
            ret[n++] = put.p[i];
    }
    ret[n] = '\0';
}

static size_t check_name(void **state, const struct tongue *t, int concept,
                         struct str name, size_t turn)
{
    char answer[TEXT_BYTES], text[TEXT_BYTES];
    snprintf(answer, sizeof answer, "Ana: %s\nBo: {V}", t->asked);
    const char *const forms[] = {"{L}: {V}", t->said, "{\"{L}\": \"{V}\", \"id\": 7}",
                                 answer, "| nr | {L} |\n|---|---|\n| 7 | {V} |"};
    write_text(forms[turn % ARRAY_LEN(forms)], name, values[concept], text);
    if (is_held(state, text))
        return 0;
    print_message("not held: %s\n", text);
    return 1;
}

static void secrets_are_known_in_many_languages(void **state)
{
    size_t turn = 0, missed = 0;
    for (size_t i = 0; i < ARRAY_LEN(tongues); i++)
        for (int c = 0; c < CONCEPTS; c++) {
            struct str names = str_of(tongues[i].names[c]), name;
            while (names.n && str_split(&names, ';', &name)) {
                missed += check_name(state, &tongues[i], c, name, turn++);
                missed += check_name(state, &tongues[i], c, name, turn++);
            }
        }
    assert_int_equal(missed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_known_in_many_languages),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
