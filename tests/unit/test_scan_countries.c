/* test_scan_countries.c -- numbers of people by country: each of its names, in its own
 * languages, before a made-up number in its form, in every notation, makes a text stay.
 *
 * No check digits: what is tested is that the name is known.  Forms are as those of
 * data/guard/schemes.txt: d a digit, A a capital, ~ a blank. */
#include "scanning.h"

struct numbers {
    const char *country, *form, *names; /* names: with ; between */
};

/* clang-format off */
static const struct numbers numbers[] = {
    {"AR", "dd.ddd.ddd", "DNI;documento;nro. de documento;documento nacional de identidad"},
    {"AR", "dd-dddddddd-d", "CUIT;CUIL;clave fiscal"},
    {"AR", "dddddddddddddddddddddd", "CBU;CVU;clave bancaria uniforme"},
    {"AR", "dddddddd/dd", "nro. de afiliado;número de afiliado;PAMI;obra social"},
    {"AR", "AAAdddddd", "pasaporte;nº de pasaporte"},
    {"AT", "dddd~dddddd", "SV-Nr.;Sozialversicherungsnummer;SVNR;Versicherungsnummer"},
    {"AT", "dd-ddd/dddd", "Steuernummer;StNr.;Abgabenkontonummer"},
    {"AT", "Adddddd d", "Reisepassnummer;Passnr.;Reisepass Nr."},
    {"AT", "dddddddd", "Führerscheinnummer;FS-Nr."},
    {"AU", "ddd~ddd~ddd", "TFN;tax file number;tax file no"},
    {"AU", "dddd~ddddd~d", "Medicare;Medicare number;Medicare card"},
    {"AU", "ddd-ddd~dddddddd", "BSB and account"},
    {"AU", "dddddddd", "driver licence number;driver licence"},
    {"AU", "AAddddddd", "passport no;passport"},
    {"BD", "dddddddddd", "NID;এনআইডি;জাতীয় পরিচয়পত্র নম্বর;জাতীয় পরিচয়পত্র;NID no"},
    {"BD", "dddddddddddd", "TIN;ই-টিআইএন;টিআইএন"},
    {"BD", "ddddddddddddd", "হিসাব নম্বর;অ্যাকাউন্ট নম্বর;ব্যাংক হিসাব;একাউন্ট নাম্বার"},
    {"BD", "AAddddddd", "পাসপোর্ট নম্বর;পাসপোর্ট"},
    {"BE", "dd.dd.dd-ddd.dd", "rijksregisternummer;numéro national;numéro de registre national;INSZ;NISS;rijksregisternr.;registre national;Nationalregisternummer"},
    {"BE", "ddd-ddddddd-dd", "identiteitskaart;carte d'identité"},
    {"BG", "dddddddddd", "ЕГН;ЕГН-то;EGN"},
    {"BG", "ddddddddd", "лична карта;л.к. №;лична карта №"},
    {"BG", "ddddddddd", "паспорт №;задграничен паспорт"},
    {"BG", "ddddddddd", "шофьорска книжка;СУМПС;свидетелство за управление"},
    {"BR", "ddd.ddd.ddd-dd", "CPF;CPF/MF;nº do CPF;CPF nº;cpf do titular"},
    {"BR", "dd.ddd.ddd-d", "RG;identidade;carteira de identidade;registro geral"},
    {"BR", "ddd.ddddd.dd-d", "PIS;PASEP;PIS/PASEP;NIT;NIS"},
    {"BR", "ddd~dddd~dddd~dddd", "cartão SUS;CNS;cartão nacional de saúde;cartão do SUS"},
    {"BR", "ddddddddddd", "CNH;habilitação;carteira de motorista;carteira de habilitação"},
    {"BR", "dddddd-d", "conta corrente;conta poupança;conta"},
    {"BR", "AAdddddd", "passaporte;nº do passaporte"},
    {"CA", "ddd~ddd~ddd", "SIN;social insurance number;NAS;numéro d'assurance sociale;social insurance no"},
    {"CA", "AAAA~dddd~dddd", "RAMQ"},
    {"CA", "dddd-ddd-ddd-AA", "OHIP;health card;health card number;PHN"},
    {"CA", "Adddd-ddddd-ddddd", "driver's licence;DL#;permis de conduire"},
    {"CA", "ddddd-ddd-ddddddd", "account no;bank account;numéro de compte"},
    {"CH", "756.dddd.dddd.dd", "AHV-Nr.;numéro AVS;N° AVS;numero AVS;AHVN13"},
    {"CH", "Addddddd", "Passnummer;numéro de passeport;ID-Nummer"},
    {"CH", "dddddddddddddddddddd", "Versichertenkarte;Kennnummer der Karte;carte d'assuré"},
    {"CL", "dd.ddd.ddd-d", "RUT;RUN;R.U.T."},
    {"CL", "dddddddddddd", "cuenta rut;cuenta corriente;cuenta vista"},
    {"CN", "dddddddddddddddddd", "身份证;身份证号;身份证号码;公民身份号码;证件号码;证件号;ID number"},
    {"CN", "Edddddddd", "护照号;护照;护照号码"},
    {"CN", "ddddddddddddddddddd", "银行卡号;卡号;银行账号;开户账号"},
    {"CN", "Addddddddd", "医保卡号;社保号;社保卡号;医保编号"},
    {"CN", "dddddddddddd", "驾驶证号;驾照号"},
    {"CO", "d.ddd.ddd.ddd", "CC;cédula;cédula de ciudadanía;documento de identidad"},
    {"CO", "dddddd", "cédula de extranjería"},
    {"CO", "ddd.ddd.ddd-d", "NIT;RUT"},
    {"CO", "ddd-dddddd-dd", "cuenta de ahorros;cta ahorros;cuenta Bancolombia"},
    {"CZ", "dddddd/dddd", "rodné číslo;RČ;rod. č.;rodne cislo"},
    {"CZ", "ddddddddd", "číslo OP;č. OP;občanský průkaz;číslo občanského průkazu"},
    {"CZ", "dddddd-dddddddddd/dddd", "číslo účtu;účet;č. účtu"},
    {"CZ", "dddddddd", "číslo pasu;cestovní pas;pas č."},
    {"CZ", "AAdddddd", "řidičský průkaz;ŘP č.;číslo ŘP"},
    {"CZ", "dddddddddd", "číslo pojištěnce"},
    {"DE", "dd~ddd~ddd~ddd", "Steuer-ID;IdNr.;steuerliche Identifikationsnummer;Steueridentifikationsnummer;Steuer-Identnr."},
    {"DE", "dd/ddd/ddddd", "Steuernummer;St.-Nr.;Steuernr."},
    {"DE", "dd~dddddd~A~ddd", "Rentenversicherungsnummer;RV-Nummer;SV-Nummer;Sozialversicherungsnr.;RVNR;SV-Ausweis"},
    {"DE", "Addddddddd", "Versichertennummer;KVNR;Krankenversicherungsnummer;KV-Nummer"},
    {"DE", "dddddddddd", "Kontonummer;Kto.-Nr.;Konto;Kto;KtoNr"},
    {"DK", "dddddd-dddd", "CPR;CPR-nr.;personnummer;cpr nr"},
    {"DK", "dddd~dddddddddd", "kontonummer;reg. og konto;konto"},
    {"DK", "ddddddddd", "pasnummer;pas nr."},
    {"DK", "dddddddd", "kørekort;kørekortnummer"},
    {"EC", "dddddddddd", "cédula;C.I.;cédula de identidad"},
    {"EC", "ddddddddddddd", "RUC"},
    {"EE", "ddddddddddd", "isikukood;isikukoodi;personal code"},
    {"EE", "AAddddddd", "dokumendi number;ID-kaart;ID-kaardi number"},
    {"EE", "dddddddddddd", "arveldusarve;konto number;pangakonto"},
    {"EG", "dddddddddddddd", "الرقم القومي;رقم قومي;بطاقة رقم قومي;National ID;رقم البطاقة"},
    {"EG", "Adddddddd", "رقم جواز السفر;جواز سفر رقم;جواز السفر"},
    {"EG", "dddddddddddddd", "رقم الحساب;حساب بنكي;حساب رقم"},
    {"ES", "ddddddddA", "DNI;NIF;D.N.I.;DNI/NIF;documento nacional de identidad"},
    {"ES", "Y-ddddddd-A", "NIE;N.I.E."},
    {"ES", "dd~dddddddddd", "número de la Seguridad Social;nº afiliación SS;NUSS;NAF;nº SS"},
    {"ES", "dddd~dddd~dd~dddddddddd", "cuenta bancaria;CCC;nº de cuenta"},
    {"ES", "AAAAdddddddddd", "CIP;tarjeta sanitaria;nº tarjeta sanitaria;TSI"},
    {"ES", "AAAdddddd", "pasaporte;nº pasaporte"},
    {"ES", "ddddddddA", "carnet de conducir;permiso de conducir;permiso de conducción"},
    {"ET", "dddd~dddd~dddd", "Fayda;ፋይዳ ቁጥር;የፋይዳ መለያ ቁጥር;መታወቂያ ቁጥር"},
    {"ET", "1000ddddddddd", "ሂሳብ ቁጥር;የባንክ ሂሳብ ቁጥር;የባንክ ሂሳብ ቁጥሬ;CBE account;ሂሳብ ቁጥሬ"},
    {"ET", "EPddddddd", "ፓስፖርት ቁጥር;የፓስፖርት ቁጥር;ፓስፖርት"},
    {"FI", "dddddd-dddA", "henkilötunnus;hetu;HETU;sotu;henkilötunnukseni"},
    {"FI", "dddddd-dddddd", "tilinumero;tili;tilinro"},
    {"FI", "AAddddddd", "passin numero;passi;passinro"},
    {"FI", "dddddd-dddA", "ajokortti;ajokortin numero"},
    {"FI", "dddddddddd", "Kela-kortti;Kela-kortin numero;vakuutusnumero"},
    {"FR", "d~dd~dd~dd~ddd~ddd~dd", "numéro de sécurité sociale;n° de sécu;NIR;n° sécu;numéro de sécu;numéro Sécurité sociale;n° INSEE"},
    {"FR", "dddddddddddd", "CNI;carte d'identité;n° de carte d'identité;CNI n°;pièce d'identité n°"},
    {"FR", "dd~dd~ddd~ddd~ddd", "numéro fiscal;n° fiscal;SPI;référence fiscale;identifiant fiscal"},
    {"FR", "ddddd~ddddd~ddddddddddd~dd", "RIB;numéro de compte;n° de compte;relevé d'identité bancaire"},
    {"FR", "ddAAddddd", "passeport;n° de passeport;passeport n°"},
    {"FR", "ddAAddddd", "permis de conduire;n° de permis;permis n°"},
    {"FR", "dddddddd", "n° adhérent;mutuelle"},
    {"GB", "AA~dd~dd~dd~A", "National Insurance number;NI number;NINO;NI no;National Insurance;NI"},
    {"GB", "ddd~ddd~dddd", "NHS number;NHS no;NHS;NHS #"},
    {"GB", "dddddddddd", "UTR;Unique Taxpayer Reference;tax reference"},
    {"GB", "AAAAAddddddAAdAA", "driving licence;driver number;licence;DVLA licence;driving licence no."},
    {"GB", "ddddddddd", "passport;passport no;UK passport;passport number"},
    {"GE", "ddddddddddd", "პირადი ნომერი;პირადი №;პირადი ნომრით"},
    {"GE", "ddAAddddd", "პასპორტი;პასპორტის ნომერი"},
    {"GE", "dddddddddddddddd", "ანგარიში;ანგარიშის ნომერი"},
    {"GH", "GHA-ddddddddd-d", "Ghana Card;Ghana card no;NIA number"},
    {"GH", "Adddddddddddd", "SSNIT;SSNIT number"},
    {"GH", "Pdddddddddd", "TIN;GRA TIN"},
    {"GR", "ddddddddddd", "ΑΜΚΑ;Α.Μ.Κ.Α.;AMKA;ΑΜΚΑ μου"},
    {"GR", "ddddddddd", "ΑΦΜ;Α.Φ.Μ.;ΑΦΜ μου;AFM"},
    {"GR", "AA~dddddd", "ΑΔΤ;αριθμός ταυτότητας;Α.Δ.Τ.;ταυτότητα;αρ. ταυτότητας"},
    {"GR", "AAddddddd", "διαβατήριο;αριθμός διαβατηρίου"},
    {"GR", "ddddddddddddd", "λογαριασμός;αρ. λογαριασμού;αριθμός λογαριασμού"},
    {"GR", "ddddddddd", "άδεια οδήγησης;δίπλωμα οδήγησης"},
    {"HK", "Adddddd(d)", "HKID;香港身份證;身份證號碼;HKID no.;身份證"},
    {"HK", "ddd-dddddd-ddd", "銀行戶口;戶口號碼;恒生戶口"},
    {"HR", "ddddddddddd", "OIB;OIB broj;osobni identifikacijski broj;moj OIB"},
    {"HR", "ddddddddd", "osobna iskaznica;broj osobne iskaznice"},
    {"HR", "dddddddddddddddd", "broj računa;žiro račun;tekući račun"},
    {"HR", "ddddddddd", "putovnica;broj putovnice"},
    {"HR", "ddddddddd", "MBO;broj zdravstvene iskaznice;zdravstvena iskaznica"},
    {"HU", "d-dddddd-dddd", "személyi szám;személyi azonosító;személyi azonosító jel"},
    {"HU", "dddddddddd", "adóazonosító jel;adóazonosító;adóazonosítóm;adószám"},
    {"HU", "ddd~ddd~ddd", "TAJ;TAJ szám;TAJ-szám;TAJ-szám:"},
    {"HU", "ddddddAA", "személyi igazolvány;személyi igazolványszám"},
    {"HU", "dddddddd-dddddddd-dddddddd", "bankszámlaszám;számlaszám;bankszámla"},
    {"HU", "AAddddddd", "útlevélszám;útlevél;útlevél száma"},
    {"ID", "dddddddddddddddd", "NIK;No. KTP;KTP;nomor KTP;nomor induk kependudukan"},
    {"ID", "ddddddddddddddd", "NPWP;No. NPWP"},
    {"ID", "ddddddddddddd", "BPJS;No. BPJS;nomor BPJS Kesehatan;kartu BPJS"},
    {"ID", "dddddddddd", "rekening;no rek;rekening BCA;nomor rekening;No. Rekening"},
    {"ID", "dddddddddddd", "nomor SIM;No. SIM A"},
    {"ID", "Addddddd", "paspor;nomor paspor;No. Paspor"},
    {"IE", "dddddddA", "PPSN;PPS number;PPS no;PPS;uimhir PSP;UPSP"},
    {"IE", "dddddddA", "medical card;GMS number;medical card number"},
    {"IE", "AAddddddd", "passport;passport no"},
    {"IL", "ddddddddd", "ת.ז.;תעודת זהות;מספר זהות;ת.ז"},
    {"IL", "dd-ddd-dddddd", "מספר חשבון;חשבון בנק"},
    {"IL", "dddddddd", "דרכון;מספר דרכון"},
    {"IL", "ddddddd", "רישיון נהיגה;מספר רישיון נהיגה"},
    {"IN", "dddd~dddd~dddd", "Aadhaar;आधार;आधार नंबर;Aadhar no;आधार कार्ड;ஆதார் எண்;ఆధార్ నంబర్;আধার নম্বর;ಆಧಾರ್ ಸಂಖ್ಯೆ;ആധാർ നമ്പർ;આધાર નંબર;ਆਧਾਰ ਨੰਬਰ"},
    {"IN", "AAAAAddddA", "पैन नंबर;PAN no;पैन कार्ड"},
    {"IN", "AAAddddddd", "Voter ID;EPIC no;वोटर आईडी"},
    {"IN", "ddddddddddd", "account no;खाता संख्या;खाता नंबर;கணக்கு எண்;ఖాతా నంబర్;हिशोब खाते क्रमांक;ખાતા નંબર"},
    {"IN", "Addddddd", "पासपोर्ट नंबर;passport;पासपोर्ट"},
    {"IN", "AAdd~ddddddddddd", "driving licence;DL no;ड्राइविंग लाइसेंस"},
    {"IN", "dddddddddddd", "UAN;ABHA;ABHA number;ESIC no"},
    {"IR", "dddddddddd", "کد ملی;شماره ملی;کدملی;کد ملی من"},
    {"IR", "dddddddddd", "شماره حساب;شماره حساب بانکی"},
    {"IR", "6037-dddd-dddd-dddd", "شماره کارت;کارت بانکی"},
    {"IR", "Adddddddd", "شماره گذرنامه;گذرنامه"},
    {"IS", "dddddd-dddd", "kennitala;kt.;kt;kennitalan mín"},
    {"IS", "dddd-dd-dddddd", "reikningsnúmer;reikningur;bankareikningur"},
    {"IT", "AAAAAAddHddAdddA", "codice fiscale;C.F.;CF;cod. fisc."},
    {"IT", "AAdddddAA", "carta d'identità;C.I. n.;CIE;carta identità n."},
    {"IT", "AAdddddddA", "patente;patente di guida;patente n.;n. patente"},
    {"IT", "AAddddddd", "passaporto;passaporto n.;n. passaporto"},
    {"IT", "dddddddddddddddddddd", "tessera sanitaria;TEAM;n. tessera sanitaria"},
    {"IT", "dddddddddddd", "conto corrente;conto"},
    {"JP", "dddd~dddd~dddd", "マイナンバー;個人番号;マイナンバーは"},
    {"JP", "dddddddd", "被保険者番号;保険証番号;保険者番号"},
    {"JP", "dddd-dddddd", "基礎年金番号;年金番号"},
    {"JP", "dddddddddddd", "運転免許証番号;免許証番号;運転免許証"},
    {"JP", "AAddddddd", "パスポート番号;旅券番号;パスポート"},
    {"JP", "ddddddd", "口座番号;普通預金;口座"},
    {"JP", "AAddddddddAA", "在留カード番号;在留カード"},
    {"KE", "dddddddd", "ID number;kitambulisho;nambari ya kitambulisho;ID no;national ID"},
    {"KE", "AdddddddddA", "KRA PIN;PIN ya KRA;KRA"},
    {"KE", "ddddddddd", "SHA number;NHIF;NHIF no"},
    {"KE", "ddddddddddddd", "account number;akaunti;nambari ya akaunti"},
    {"KR", "dddddd-ddddddd", "주민등록번호;주민번호;외국인등록번호;주민등록 번호"},
    {"KR", "ddd-dddddd-dd-ddd", "계좌번호;계좌;입금계좌;신한은행 계좌;농협"},
    {"KR", "Mdddddddd", "여권번호;여권;여권 번호"},
    {"KR", "dd-dd-dddddd-dd", "운전면허번호;운전면허;면허번호;운전면허증"},
    {"KZ", "dddddddddddd", "ИИН;ЖСН;IIN;ИИН:"},
    {"KZ", "ddddddddd", "удостоверение личности;жеке куәлік;уд. личности №;жеке куәлік нөмірі"},
    {"KZ", "dddddddddddddddd", "счет;шот нөмірі;банк шоты"},
    {"LK", "dddddddddV", "NIC;NIC No;ජාතික හැඳුනුම්පත් අංකය;தேசிய அடையாள அட்டை;හැඳුනුම්පත"},
    {"LK", "dddddddddddd", "account number;ගිණුම් අංකය;கணக்கு எண்"},
    {"LT", "ddddddddddd", "asmens kodas;asmens kodą;AK"},
    {"LT", "dddddddd", "tapatybės kortelė;asmens tapatybės kortelė;ATK Nr."},
    {"LT", "dddddddd", "paso numeris;pasas;paso Nr."},
    {"LT", "dddddddddddddddd", "sąskaitos numeris;banko sąskaita;sąskaita"},
    {"LU", "ddddddddddddd", "matricule;matricule nationale;numéro de matricule;Matrikelnummer;CNS"},
    {"LV", "dddddd-ddddd", "personas kods;pers. kods;personas kodu"},
    {"LV", "AAddddddd", "pases numurs;pase Nr."},
    {"LV", "dddddddddddd", "konta numurs;bankas konts"},
    {"MA", "AAdddddd", "CIN;بطاقة التعريف الوطنية;البطاقة الوطنية"},
    {"MA", "dddddddddddddddddddddddd", "RIB;compte bancaire;رقم الحساب البنكي"},
    {"MA", "ddddddddd", "CNSS;n° CNSS;immatriculation CNSS"},
    {"MD", "ddddddddddddd", "IDNP;cod personal;codul personal"},
    {"MT", "dddddddA", "ID card;karta tal-identità;ID card no;numru tal-karta tal-identità"},
    {"MX", "AAAAddddddHAAAAAdd", "CURP;C.U.R.P."},
    {"MX", "dd~dd~dd~dddd~d", "NSS;número de seguro social;IMSS;núm. de seguridad social"},
    {"MX", "dddddddddddddddddd", "CLABE;CLABE interbancaria;cuenta CLABE"},
    {"MX", "ddddddddddddd", "INE;clave de elector;credencial INE;OCR INE"},
    {"MX", "Gdddddddd", "pasaporte;núm. de pasaporte"},
    {"MY", "dddddd-dd-dddd", "MyKad;No. KP;no. kad pengenalan;IC;IC no;kad pengenalan;nombor IC"},
    {"MY", "dddddddddddd", "Maybank;no. akaun;nombor akaun;akaun bank"},
    {"MY", "IGddddddddddd", "TIN;no. cukai pendapatan;income tax no"},
    {"MY", "Adddddddd", "pasport;no. pasport"},
    {"NG", "ddddddddddd", "NIN;BVN;my NIN;NIN number;BVN number"},
    {"NG", "dddddddddd", "account number;acct no;GTBank;NUBAN;acc no"},
    {"NG", "Adddddddd", "passport no;international passport"},
    {"NG", "AAAdddddAAdd", "driver's licence;FRSC licence"},
    {"NL", "ddddddddd", "BSN;burgerservicenummer;BSN nr;sofinummer"},
    {"NL", "dddddddddd", "rijbewijs;rijbewijsnummer;rijbewijsnr."},
    {"NL", "dddddddddd", "verzekerdennummer;polisnummer;relatienummer zorgverzekering"},
    {"NO", "dddddd~ddddd", "fødselsnummer;fnr;personnummer;fødselsnr."},
    {"NO", "dddd~dd~ddddd", "kontonummer;kontonr;konto;bankkonto"},
    {"NO", "Addddddd", "passnummer;passnr."},
    {"NO", "dd~dd~dddddd~d", "førerkort;førerkortnummer"},
    {"NP", "dd-dd-dd-ddddd", "नागरिकता नं;नागरिकता नम्बर;citizenship no;ना.प्र.नं.;नागरिकता प्रमाणपत्र नं."},
    {"NP", "dddddddddddddd", "खाता नम्बर;बैंक खाता;खाता नं."},
    {"NZ", "ddd-ddd-ddd", "IRD;IRD number;IRD no"},
    {"NZ", "AAAdddd", "NHI;NHI number;NHI no"},
    {"NZ", "dd-dddd-ddddddd-dd", "account number;bank account;acct"},
    {"NZ", "AAdddddd", "driver licence;licence number"},
    {"NZ", "AAdddddd", "passport number;passport"},
    {"PE", "dddddddd", "DNI;D.N.I.;DNI N°;documento de identidad"},
    {"PE", "ddddddddddd", "RUC;R.U.C."},
    {"PE", "ddd-ddd-dddddddddddd-dd", "CCI;código interbancario;cuenta BCP;cuenta"},
    {"PH", "dddd-dddd-dddd-dddd", "PhilSys;PSN;PhilID;national ID"},
    {"PH", "dd-ddddddd-d", "SSS;SSS number;SSS no;GSIS"},
    {"PH", "ddd-ddd-ddd-ddd", "TIN;TIN no;TIN number"},
    {"PH", "dd-ddddddddd-d", "PhilHealth;PhilHealth no;PIN PhilHealth"},
    {"PH", "dddd-dddd-dd", "BDO;BPI account;account no"},
    {"PH", "Add-dd-dddddd", "driver's license"},
    {"PH", "AddddddddA", "passport;passport no"},
    {"PK", "ddddd-ddddddd-d", "CNIC;شناختی کارڈ;شناختی کارڈ نمبر;CNIC no;NICOP;قومی شناختی کارڈ"},
    {"PK", "dddddddddddddd", "اکاؤنٹ نمبر;بینک اکاؤنٹ;account no"},
    {"PK", "AAddddddd", "پاسپورٹ نمبر;پاسپورٹ"},
    {"PL", "ddddddddddd", "PESEL;nr PESEL;numer PESEL;PESEL-u"},
    {"PL", "AAA~dddddd", "dowód osobisty;nr dowodu;seria i numer dowodu;dowód;dow. os.;numer dowodu osobistego"},
    {"PL", "ddd-ddd-dd-dd", "NIP;nr NIP"},
    {"PL", "dd~dddd~dddd~dddd~dddd~dddd~dddd", "nr konta;numer rachunku;konto;rachunek;nr rachunku bankowego"},
    {"PL", "AAddddddd", "paszport;nr paszportu;numer paszportu"},
    {"PL", "ddddd/dd/dddd", "prawo jazdy;nr prawa jazdy;prawo jazdy nr"},
    {"PT", "dddddddd", "cartão de cidadão;cartão do cidadão;bilhete de identidade"},
    {"PT", "ddd~ddd~ddd", "NIF;contribuinte;nº de contribuinte;número de contribuinte;N.I.F."},
    {"PT", "ddddddddddd", "NISS;número da Segurança Social;nº Segurança Social"},
    {"PT", "ddd~ddd~ddd", "número de utente;nº utente;utente;SNS;utente SNS"},
    {"PT", "dddd~dddd~ddddddddddd~dd", "NIB;conta;número de conta"},
    {"PT", "AA-dddddd~d", "carta de condução;carta de condução nº"},
    {"RO", "ddddddddddddd", "CNP;C.N.P.;CNP-ul;cod numeric personal"},
    {"RO", "AA~dddddd", "CI seria;buletin seria;C.I. seria;carte de identitate seria;seria"},
    {"RO", "ddddddddd", "pașaport;nr. pașaport;pașaportul"},
    {"RO", "dddddddddddddddd", "cont bancar;nr. cont;cont"},
    {"RS", "ddddddddddddd", "JMBG;ЈМБГ;jmbg broj;matični broj"},
    {"RS", "ddddddddd", "lična karta;br. lične karte;лична карта;број личне карте"},
    {"RS", "ddd-ddddddddddddd-dd", "broj računa;tekući račun;број рачуна;žiro račun"},
    {"RS", "ddddddddd", "pasoš;broj pasoša;пасош"},
    {"RU", "dd~dd~dddddd", "паспорт;паспорт РФ;паспортные данные;паспорт серия"},
    {"RU", "ddd-ddd-ddd~dd", "СНИЛС;№ СНИЛС;СНИЛС №"},
    {"RU", "dddddddddddd", "ИНН;ИНН физлица;мой ИНН"},
    {"RU", "dddddddddddddddd", "полис ОМС;ОМС;полис;номер полиса ОМС;ЕНП"},
    {"RU", "dddddddddddddddddddd", "расчётный счёт;номер счета;счёт получателя;лицевой счёт"},
    {"RU", "dd~dd~dddddd", "водительское удостоверение;ВУ;права;в/у"},
    {"RU", "dd~ddddddd", "загранпаспорт;загран;заграничный паспорт"},
    {"SA", "1ddddddddd", "رقم الهوية;الهوية الوطنية;رقم الإقامة;إقامة;رقم السجل المدني;السجل المدني;هوية رقم;Iqama"},
    {"SA", "dddddddddddddd", "رقم الحساب;حساب الراجحي;حساب الأهلي"},
    {"SA", "Addddddddd", "رقم الجواز;جواز رقم"},
    {"AE", "784-dddd-ddddddd-d", "Emirates ID;هوية إماراتية;رقم الهوية الإماراتية;الهوية الإماراتية"},
    {"SE", "dddddd-dddd", "personnummer;pnr;personnr;samordningsnummer;personnumret"},
    {"SE", "dddd-ddddddd", "kontonummer;clearing- och kontonummer;bankkonto;konto;kontonr"},
    {"SE", "dddddddd", "passnummer;passnr"},
    {"SE", "dddddd-dddd", "körkort;körkortsnummer"},
    {"SG", "SdddddddA", "NRIC;NRIC no;IC no;IC;NRIC/FIN"},
    {"SG", "ddd-ddddd-d", "DBS;POSB account;OCBC account no;bank account"},
    {"SI", "ddddddddddddd", "EMŠO;emšo številka;EMSO;moja EMŠO"},
    {"SI", "dddddddd", "davčna številka;davčna;davčna št."},
    {"SI", "ddddddddd", "osebna izkaznica;št. osebne izkaznice"},
    {"SI", "ddddddddd", "KZZ;zdravstvena kartica;ZZZS številka"},
    {"SK", "dddddd/dddd", "rodné číslo;RČ;rodného čísla"},
    {"SK", "AAdddddd", "občiansky preukaz;číslo OP;OP č.;č. OP"},
    {"SK", "dddddddddd/dddd", "číslo účtu;účet;č. účtu"},
    {"SK", "AAddddddd", "cestovný pas;číslo pasu"},
    {"TH", "d-dddd-ddddd-dd-d", "เลขบัตรประชาชน;เลขประจำตัวประชาชน;บัตรประชาชน;เลขที่บัตรประชาชน"},
    {"TH", "ddd-d-ddddd-d", "เลขที่บัญชี;เลขบัญชี;บัญชี;บัญชีกสิกร;กสิกรไทย"},
    {"TH", "AAddddddd", "หนังสือเดินทาง;เลขที่หนังสือเดินทาง;พาสปอร์ต"},
    {"TH", "dddddddd", "ใบขับขี่;เลขที่ใบขับขี่;ใบอนุญาตขับรถ"},
    {"TN", "dddddddd", "CIN;بطاقة تعريف;carte d'identité nationale;ب.ت.و"},
    {"TR", "ddddddddddd", "TC;T.C. Kimlik No;TC kimlik numarası;TCKN;kimlik no;TC No;TC kimlik"},
    {"TR", "dddddddddd", "VKN;vergi no;vergi kimlik no;vergi numarası"},
    {"TR", "Udddddddd", "pasaport no;pasaport;pasaport numarası"},
    {"TR", "dddddd", "ehliyet no;ehliyet;sürücü belgesi"},
    {"TR", "dddd-ddddddd", "hesap no;hesap numarası;banka hesabı"},
    {"TR", "ddddddddddddd", "SGK no;sigorta sicil no;SGK sicil"},
    {"TW", "A1dddddddd", "身分證字號;身分證;身份證字號;身分證統一編號;居留證號"},
    {"TW", "ddd-dddddddddddd", "銀行帳號;匯款帳號;戶頭;郵局帳號"},
    {"TW", "dddddddddddd", "健保卡號;健保卡;健保IC卡"},
    {"TZ", "dddddddd-ddddd-ddddd-dd", "NIDA;namba ya NIDA;kitambulisho cha taifa;NIDA no"},
    {"TZ", "dddddddddddddd", "akaunti;namba ya akaunti;akaunti ya NMB;CRDB"},
    {"UA", "dddddddddd", "РНОКПП;ІПН;ідентифікаційний код;код платника;ІН"},
    {"UA", "AA~dddddd", "паспорт;паспорт серії;паспорт громадянина;номер паспорта"},
    {"UA", "dddddddd-ddddd", "УНЗР;запис в ЄДДР"},
    {"UA", "dddddddddddddd", "рахунок;номер рахунку"},
    {"UA", "AAAdddddd", "посвідчення водія;водійське посвідчення"},
    {"UG", "ddddddddddddd", "account number"},
    {"US", "ddd-dd-dddd", "SSN;social security number;social;Social Security;soc sec;SS#;SSN#;social security no."},
    {"US", "dd-ddddddd", "EIN;tax id;FEIN"},
    {"US", "9dd-7d-dddd", "ITIN"},
    {"US", "AAAddddddddd", "member ID;subscriber ID;insurance ID"},
    {"US", "dddddddddd", "account number;acct;acct #;checking acct;savings account;routing and account"},
    {"US", "Addddddd", "driver's license;DL;DL#;driver license no;DL number;drivers lic"},
    {"US", "ddddddddd", "passport;passport #;US passport"},
    {"UY", "d.ddd.ddd-d", "C.I.;CI;cédula;cédula de identidad"},
    {"UZ", "dddddddddddddd", "JShShIR;PINFL;ЖШШИР;ПИНФЛ"},
    {"UZ", "AAddddddd", "pasport;паспорт;pasport seriyasi"},
    {"UZ", "dddddddddddddddddddd", "hisob raqami;ҳисоб рақами"},
    {"VE", "V-dd.ddd.ddd", "C.I.;cédula;cédula de identidad;RIF"},
    {"VE", "dddd-dddd-dd-dddddddddd", "cuenta;nro. de cuenta;cuenta corriente"},
    {"VN", "dddddddddddd", "CCCD;CMND;số CCCD;căn cước công dân;số căn cước;CMND số;CCCD số;số CMND"},
    {"VN", "ddddddddddddd", "STK;số tài khoản;tài khoản;Vietcombank;số TK"},
    {"VN", "DN4dddddddddddd", "mã BHYT;BHYT;số thẻ BHYT;mã số BHXH;BHXH"},
    {"VN", "Cddddddd", "hộ chiếu;số hộ chiếu;hộ chiếu số"},
    {"VN", "dddddddddd", "mã số thuế;MST"},
    {"ZA", "ddddddddddddd", "ID number;ID no;ID-nommer;SA ID;inombolo kamazisi;identity number;RSA ID"},
    {"ZA", "dddddddddd", "tax number;SARS tax ref;income tax ref"},
    {"ZA", "dddddddddd", "account number;rekeningnommer;acc no;FNB acc;Capitec"},
    {"ZA", "Adddddddd", "passport;paspoortnommer"},
    {"AL", "AddddddddA", "numri personal;letërnjoftimi;nr. personal"},
    {"AM", "dddddddddd", "ՀԾՀ;սոցիալական քարտ;ՀԾՀ համար;հանրային ծառայությունների համարանիշ"},
    {"AM", "AAddddddd", "անձնագիր;անձնագրի համար;անձնագիր №"},
    {"AZ", "AAddddddd", "şəxsiyyət vəsiqəsi;şəxsiyyət vəsiqəsi №"},
    {"BY", "dddddddAdddAAd", "личный номер;идентификационный номер;асабісты нумар;ідэнтыфікацыйны нумар"},
    {"BY", "AAddddddd", "паспорт;пашпарт;паспорт №"},
    {"MK", "ddddddddddddd", "ЕМБГ;матичен број;EMBG"},
    {"KH", "ddddddddd", "អត្តសញ្ញាណប័ណ្ណ;លេខអត្តសញ្ញាណប័ណ្ណ;national ID"},
    {"MM", "dd/AAAAAA(N)dddddd", "NRC;မှတ်ပုံတင်;NRC no;မှတ်ပုံတင်အမှတ်"},
    {"LA", "dd-ddddddd", "ບັດປະຈຳຕົວ;ເລກບັດປະຈຳຕົວ"},
    {"MN", "ЧАdddddddd", "РД;регистр"},
    {"MN", "dddddddddd", "дансны дугаар;Хаан банк"},
    {"SN", "d~ddd~dddd~ddddd", "CNI;carte d'identité CEDEAO;NIN"},
    {"CI", "CIddddddddd", "CNI;carte nationale d'identité;n° CNI"},
    {"CM", "ddddddddd", "CNI;carte nationale d'identité"},
    {"DZ", "dddddddddddddddddd", "NIN;بطاقة التعريف;رقم التعريف الوطني"},
    {"DZ", "dddddddddd~dd", "CCP;n° CCP;RIP;الحساب الجاري"},
    {"IQ", "dddddddddddd", "البطاقة الموحدة;رقم البطاقة الوطنية;هوية الأحوال المدنية"},
    {"JO", "dddddddddd", "الرقم الوطني;رقم وطني"},
    {"KW", "dddddddddddd", "الرقم المدني;البطاقة المدنية;Civil ID"},
    {"LB", "dddddddd", "رقم القيد;رقم الهوية;إخراج قيد"},
    {"CR", "d-dddd-dddd", "cédula;cédula de identidad;n.º de cédula"},
    {"DO", "ddd-ddddddd-d", "cédula;cédula dominicana"},
    {"GT", "dddd~ddddd~dddd", "DPI;CUI;número de DPI"},
    {"HN", "dddd-dddd-ddddd", "identidad;DNI;número de identidad"},
    {"SV", "dddddddd-d", "DUI;NIT;número de DUI"},
    {"NI", "ddd-dddddd-ddddA", "cédula;cédula de identidad"},
    {"BO", "ddddddd", "C.I.;carnet de identidad;cédula"},
    {"PY", "d.ddd.ddd", "C.I.;cédula;C.I. N°"},
    {"PA", "d-ddd-dddd", "cédula;C.I.P.;cédula de identidad personal"},
    {"CU", "ddddddddddd", "carné de identidad;carnet"},
    {"AF", "dddd-dddd-ddddd", "تذکره;نمبر تذکره;شماره تذکره;e-Tazkira"},
    {"KG", "dddddddddddddd", "ИНН"},
    {"TJ", "Addddddddd", "шиноснома;шиносномаи"},
    {"RW", "d~dddd~d~ddddddd~d~dd", "indangamuntu;ID number;nimero y'indangamuntu"},
    {"ZW", "dd-ddddddd~A~dd", "ID number;national ID;ID no"},
    {"ZM", "dddddd/dd/d", "NRC;NRC number"},
    {"NA", "ddddddddddd", "ID number;Identity no"},
};
/* clang-format on */

/* N stands for the name, V for the number. */
static const char *const notations[] = {"N: V",
                                        "Jana Novak, N V, is waiting.",
                                        "{\"status\": \"ok\", \"N\": \"V\"}",
                                        "nr;N;state\n7;V;open",
                                        "N V",
                                        "The form names Jana Novak (N V).",
                                        "name: Jana\nN: 'V'",
                                        "| nr | N |\n|---|---|\n| 7 | V |",
                                        "hi, her N is V thanks"};

enum { NOTATIONS_OF_A_NAME = 3, TEXT_BYTES = 512 };

static uint32_t draw(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 16) % n;
}

static void fill(const char *form, uint32_t *seed, char *ret)
{
    size_t i = 0;
    for (; form[i]; i++)
        ret[i] = form[i] == 'd'   ? (char)('1' + draw(seed, 9))
                 : form[i] == 'A' ? "BCDGHKMPRTVW"[draw(seed, 12)]
                 : form[i] == '~' ? ' '
                                  : form[i];
    ret[i] = '\0';
}

static void write_text(const char *notation, struct str name, const char *value,
                       char *ret)
{
    size_t n = 0;
    for (; *notation; notation++) {
        bool is_name = *notation == 'N' && (notation[1] < 'a' || notation[1] > 'z');
        struct str put = is_name            ? name
                         : *notation == 'V' ? str_of(value)
                                            : (struct str){notation, 1};
        bool is_word = *notation == 'N' && !is_name;
        put = is_word ? (struct str){notation, 1} : put;
        for (size_t i = 0; i < put.n && n + 2 < TEXT_BYTES; i++)
            if (put.p[i] == '"' && put.p != notation)
                ret[n++] = '\''; /* inside of a JSON */
            else
                ret[n++] = put.p[i];
    }
    ret[n] = '\0';
}

static bool is_held(void **state, const char *text)
{
    struct act_rules rules;
    struct findings f = {0};
    struct span_list l = scan(state, text);
    act_rules_init(&rules);
    findings_add(&f, &l);
    span_list_release(&l);
    return guard_act(&f, &rules).action >= ACTION_LOCAL;
}

static void numbers_of_all_countries_are_known_by_their_names(void **state)
{
    uint32_t seed = 1;
    size_t turn = 0, missed = 0;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct str names = str_of(numbers[i].names), name;
        while (str_split(&names, ';', &name))
            for (int k = 0; k < NOTATIONS_OF_A_NAME; k++) {
                char value[64], text[TEXT_BYTES];
                fill(numbers[i].form, &seed, value);
                write_text(notations[turn++ % ARRAY_LEN(notations)], name, value, text);
                bool is_missed = !is_held(state, text);
                if (is_missed)
                    print_message("%s: not held: %s\n", numbers[i].country, text);
                missed += is_missed;
            }
    }
    assert_int_equal(missed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_all_countries_are_known_by_their_names),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
