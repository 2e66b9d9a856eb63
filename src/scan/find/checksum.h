/* checksum.h -- the check digits of the world's identifiers.
 *
 * Every function takes the characters without separators, letters in upper case, and
 * says whether they can be a value of that kind.  Lengths are the caller's affair
 * where the name says nothing else; a text of the wrong length is refused, never read
 * past. */
#ifndef WEIR_SCAN_FIND_CHECKSUM_H
#define WEIR_SCAN_FIND_CHECKSUM_H

#include "core/str.h"

typedef bool id_check(struct str s);

bool luhn_ok(struct str s);
id_check check_card, check_iban, check_ssn, check_ssn_bare, check_itin, check_ein,
    check_aba, check_nino, check_nhs, check_de_tax, check_de_sv, check_nir, check_nif,
    check_nie, check_it_cf, check_it_vat, check_bsn, check_be_nrn, check_pt_nif,
    check_pesel, check_se_pnr, check_se_org, check_hetu, check_no_fnr, check_dk_cpr,
    check_ahv, check_tckn, check_za, check_cpf, check_cnpj, check_curp, check_rut,
    check_aadhaar, check_pan, check_gstin, check_nric, check_rrn, check_frn, check_krbrn,
    check_cn_ric, check_mynumber, check_tfn, check_abn, check_acn, check_sin, check_th,
    check_mbi, check_npi, check_dea, check_medicare, check_kvnr, check_vin, check_imei,
    check_de_vat, check_mixed, check_any, check_uk_dl, check_passport;

/* What of a check looks at the check digits, without what else a number of its kind must
 * be; NULL: numbers of this kind have none. */
id_check *check_digits_of(id_check *c);

#endif
