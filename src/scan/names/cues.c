/* cues.c -- see cues.h.  Folded words: lower case, Latin letters without their marks. */
#include "scan/names/cues.h"

#include "core/compiler.h"
#include "core/str.h"
#include "scan/text/words.h"

static const struct {
    uint16_t cue;
    const char *words;
} rows[] = {
    {CUE_ASK,
     "who whom whose what when where which why how did was were does is are true false "
     "can could "
     "wer was wann wo warum wie welche welcher welches qui que quand quel quelle quels "
     "quelles pourquoi comment ou quien cuando donde como cual por chi che quando dove "
     "perche come quale quem onde porque qual wie wat wanneer waarom hoe waar welke kto "
     "co kiedy gdzie dlaczego jak hvem hvad hvor vem vad "
     "ktory ktora hva nar hvorfor hvordan varfor vilken vilket kdo kde kdy proc ktery "
     "ktera tko gdje kada zasto kako koji koja koje kaj kje kdaj zakaj ki mi mikor hol "
     "miert hogyan melyik cine ce cand unde cum care kas kur kodel kaip kapec kes mis "
     "kus millal kuidas miks kuka mika milloin missa miksi miten kim kimdir ne nerede "
     "neden hangi siapa apa kapan dimana bagaimana mengapa nani lini wapi cathain conas "
     "cerbh pwy beth pryd hver hvenaer nor zer noiz quin sino ano kailan saan bakit "
     "кто что когда где почему как какой какая хто що коли де чому як який кой какво "
     "кога къде защо шта где када зашто ποιος ποια τι ποτε πότε που πού γιατί πώς"},
    {CUE_TELL,
     "explain describe compare define summarize summarise discuss outline prove derive "
     "implement recommend suggest translate list essay erklare erklaren beschreibe "
     "vergleiche nenne explique expliquez decris explica describe spiega leg describa"},
    {CUE_KIN,
     "wife husband kid kids boss manager colleague colleagues coworker friend neighbour "
     "neighbor "
     "client customer patient employee tenant landlord landlady daughter son mother "
     "father sister brother mum dad mom partner girlfriend boyfriend fiance fiancee "
     "nanny applicant candidate borrower resident student pupil guest passenger "
     "policyholder insured claimant defendant plaintiff supervisor assistant trainee "
     "intern contractor recruiter beneficiary sender recipient payee cardholder holder "
     "user contact caller witness suspect victim aunt uncle cousin nephew niece "
     "grandmother grandfather teammate roommate subscriber member accountant "
     "chef chefin kollege kollegin kollegen freund freundin kunde kundin patientin "
     "mitarbeiter mitarbeiterin mieter mieterin vermieter tochter sohn mutter vater "
     "schwester bruder bewerber bewerberin nachbar nachbarin schuler ehemann ehefrau "
     "collegue client cliente patiente employe employee locataire fille fils mere pere "
     "soeur frere mari epouse voisin voisine ami amie salarie "
     "colega paciente empleado empleada inquilino hija hijo madre padre hermana hermano "
     "marido esposa jefe jefa vecino vecina amigo amiga alumno alumna "
     "collega paziente dipendente inquilino figlia figlio sorella fratello marito "
     "moglie vicino capo amico amica funcionario funcionaria filha filho irma irmao "
     "klant medewerker huurder dochter zoon moeder zus broer buurman buurvrouw vriend "
     "pacjent pacjentka pracownik klient klientka"},
    {CUE_MINE,
     "my our mine mein meine meinem meinen meiner unser unsere unserem mon ma mes notre "
     "nos mi mis nuestro nuestra mio mia miei nostro nostra meu minha nosso nossa mijn "
     "onze ons moj moja moje"},
    {CUE_GREET,
     "dear hi hello hey hallo liebe lieber geehrte geehrter cher chere bonjour salut "
     "hola estimado estimada querido querida caro cara gentile egregio ciao ola prezado "
     "prezada beste geachte witam hej kaere kara"},
    {CUE_BYE, "regards sincerely cheers yours thanks gruss grusse grussen cordialement "
              "sentiments saludos atentamente saluti atenciosamente abraco groeten groet "
              "pozdrawiam hilsen halsningar"},
    {CUE_FORM,
     "invoice ticket claim appointment salary payroll contract lease loan booking "
     "reservation refund complaint interview resume enrolled admission admitted "
     "prescription payslip onboarding offboarding hired fired resigned resignation "
     "dismissal visa transfer payment paid owes overdue shift attendance absence leave "
     "apartment flat rent deposit mortgage policy delivery shipped shipment package "
     "account reset login meeting agenda minutes attendees participants employer "
     "referral discharge surgery ward nurse tutor grade grades homework detention "
     "incident police arrest arrested custody court hearing sentence visit visited "
     "rechnung termin gehalt vertrag kredit buchung beschwerde bewerbung kundigung "
     "uberweisung lieferung krankmeldung zimmer sitzung protokoll teilnehmer "
     "facture salaire contrat rendez reservation remboursement candidature virement "
     "livraison conge reunion factura cita salario contrato reserva reembolso queja "
     "entrevista baja fattura appuntamento stipendio contratto prenotazione rimborso "
     "colloquio fatura consulta factuur afspraak salaris klacht sollicitatie"},
    {CUE_FAME,
     "novel novels film films movie movies album albums song songs band theorem "
     "philosopher philosophy president presidential king queen emperor empress prince "
     "dynasty empire author poet poem poems painter painting composer symphony opera "
     "physicist mathematician astronomer chemist biologist economist inventor invented "
     "discovered singer actor actress director nobel prize century war battle treaty "
     "revolution championship league cup season goals election elected senator minister "
     "chancellor pope saint biography encyclopedia mythology god goddess theory law "
     "hypothesis paradox conjecture experiment scientist sculptor playwright novelist "
     "explorer general admiral civilization ancient medieval renaissance character "
     "protagonist villain episode series album television olympic olympics champion "
     "grandmaster chess opening gambit defence "
     "roman filme kaiser konig dichter maler komponist physiker krieg jahrhundert "
     "philosoph erfinder schauspieler empereur roi poete peintre ecrivain guerre siecle "
     "novela pelicula rey reina pintor escritor guerra siglo romanzo re pittore "
     "scrittore secolo rei pintor guerra seculo koning schilder schrijver eeuw"},
    {CUE_HEAD,
     "from to cc bcc subject sent attn reply von an betreff objet envoye de para asunto "
     "da oggetto van aan onderwerp assunto"},
    {CUE_SELF, "i me we us im ich je yo io eu ik ja"},
};

static uint32_t slot_of(const struct cue_table *t, uint32_t hash)
{
    uint32_t i = hash % CUE_SLOTS;
    while (t->hash[i] && t->hash[i] != hash)
        i = (i + 1) % CUE_SLOTS;
    return i;
}

uint16_t cue_find(const struct cue_table *t, uint32_t hash)
{
    return t->cues[slot_of(t, hash)];
}

void cue_table_init(struct cue_table *t)
{
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct str rest = str_of(rows[r].words), word;
        while (str_split(&rest, ' ', &word)) {
            uint32_t hash = word.n ? (uint32_t)(word_hash(word.p, word.n) >> 32) : 0;
            if (!hash)
                continue;
            uint32_t i = slot_of(t, hash);
            t->hash[i] = hash;
            t->cues[i] |= rows[r].cue;
        }
    }
}
