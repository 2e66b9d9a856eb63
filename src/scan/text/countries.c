/* countries.c -- see countries.h.  What stands before a name is no part of it here:
 * "republic of", "the". */
#include "scan/text/countries.h"

#include "core/compiler.h"

static const struct str in_english = STR_INIT(
    "|afghanistan|albania|algeria|andorra|angola|antigua and barbuda|argentina|armenia"
    "|aruba|australia|austria|azerbaijan|bahamas|bahrain|bangladesh|barbados|belarus"
    "|belgium|belize|benin|bermuda|bhutan|bolivia|bosnia|bosnia and herzegovina|botswana"
    "|brazil|brunei|brunei darussalam|bulgaria|burkina faso|burundi|cabo verde|cambodia"
    "|cameroon|canada|cape verde|cayman islands|central african republic|chad|chile|china"
    "|colombia|comoros|congo|cook islands|costa rica|cote d'ivoire|croatia|cuba|curacao"
    "|cyprus|czech republic|czechia|denmark|djibouti|dominica|dominican republic"
    "|east timor|ecuador|egypt|el salvador|england|equatorial guinea|eritrea|estonia"
    "|eswatini|ethiopia|falkland islands|faroe islands|fiji|finland|france|french guiana"
    "|french polynesia|gabon|gambia|georgia|germany|ghana|gibraltar|great britain|greece"
    "|greenland|grenada|guadeloupe|guam|guatemala|guernsey|guinea|guinea-bissau|guyana"
    "|haiti|holland|honduras|hong kong|hungary|iceland|india|indonesia|iran|iraq|ireland"
    "|isle of man|israel|italy|ivory coast|jamaica|japan|jersey|jordan|kazakhstan|kenya"
    "|kiribati|korea|kosovo|kuwait|kyrgyz republic|kyrgyzstan|lao|laos|latvia|lebanon"
    "|lesotho|liberia|libya|liechtenstein|lithuania|luxembourg|luxemburg|macao|macau"
    "|macedonia|madagascar|malawi|malaysia|maldives|mali|malta|marshall islands"
    "|martinique|mauritania|mauritius|mayotte|mexico|micronesia|moldova|monaco|mongolia"
    "|montenegro|montserrat|morocco|mozambique|myanmar|namibia|nauru|nepal|netherlands"
    "|new caledonia|new zealand|nicaragua|niger|nigeria|niue|north korea|north macedonia"
    "|northern ireland|norway|oman|pakistan|palau|palestine|panama|papua new guinea"
    "|paraguay|peru|philippines|poland|portugal|puerto rico|qatar|reunion|romania|russia"
    "|russian federation|rwanda|saint kitts and nevis|saint lucia"
    "|saint vincent and the grenadines|samoa|san marino|sao tome and principe"
    "|saudi arabia|scotland|senegal|serbia|seychelles|sierra leone|singapore|slovakia"
    "|slovak republic|slovenia|solomon islands|somalia|south africa|south korea"
    "|south sudan|spain|sri lanka|st lucia|sudan|suriname|sweden|switzerland|syria"
    "|syrian arab republic|taiwan|tajikistan|tanzania|thailand|timor-leste|togo|tokelau"
    "|tonga|trinidad and tobago|tunisia|turkey|turkiye|turkmenistan|tuvalu|uganda|ukraine"
    "|united arab emirates|uae|u.a.e|united kingdom|uk|u.k|united states"
    "|united states of america|usa|u.s.a|uruguay|uzbekistan|vanuatu|venezuela|vietnam"
    "|viet nam|virgin islands|wales|yemen|zambia|zimbabwe|");

/* And in those of their neighbours. */
static const struct str in_own_languages = STR_INIT(
    "|deutschland|germania|osterreich|schweiz|suisse|svizzera|svizra|frankreich"
    "|grossbritannien|spanien|espana|espanya|italia|italien|belgique|belgie|belgien"
    "|nederland|niederlande|pays-bas|danmark|danemark|norge|noreg|norwegen"
    "|sverige|schweden|suomi|island|eesti|latvija|lietuva|polska|polen|pologne|cesko"
    "|ceska republika|tschechien|slovensko|slovakei|magyarorszag|ungarn|slovenija"
    "|slowenien|hrvatska|kroatien|srbija|bosna i hercegovina|crna gora"
    "|severna makedonija|shqiperia|shqiperi|kosova|rumanien|roumanie|hellas|ellada|kypros"
    "|kibris|brasil|bresil|brasilien|mexique|mexiko|marruecos|maroc|marokko|algerie"
    "|tunisie|egypte|agypten|turkei|turquie|tyrkiet|liban|royaume-uni|angleterre|irlande"
    "|irland|eire|ecosse|allemagne|autriche|espagne|italie|grece|etats-unis"
    "|alemania|francia|reino unido|estados unidos|estados unidos mexicanos"
    "|republica dominicana|mocambique|guine-bissau|rossiya|ukraina"
    "|bielarus|sakartvelo|hayastan|nippon|nihon|bharat|kalaallit nunaat|grønland"
    "|gronland|foroyar|cote d ivoire|madagasikara"
    "|Ελλάδα|ελλάδα|ελλαδα|ΕΛΛΑΔΑ|Κύπρος|κύπρος|Россия|россия|РОССИЯ|Україна|україна"
    "|УКРАЇНА|Украина|украина|Беларусь|беларусь|Българија|България|българия|Србија|србија"
    "|Северна Македонија|Казахстан|казахстан|საქართველო|Հայաստան|ישראל|مصر|المغرب"
    "|السعودية|الإمارات|الأردن|لبنان|العراق|ایران|پاکستان|भारत|नेपाल|বাংলাদেশ|ประเทศไทย"
    "|ไทย|日本|中国|中國|台灣|台湾|香港|대한민국|한국|");

bool is_country(struct str name)
{
    enum { LONGEST = 64 };
    char folded[LONGEST + 2];
    if (name.n < 2 || name.n > LONGEST)
        return false;
    folded[0] = folded[name.n + 1] = '|';
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        folded[i + 1] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    struct str entry = {folded, name.n + 2};
    return str_find(in_english, entry) >= 0 || str_find(in_own_languages, entry) >= 0;
}
