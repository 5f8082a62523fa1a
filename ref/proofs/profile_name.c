/* SPDX-License-Identifier: MIT */
/* profile_name.c: any string is read to its end, and any name has room. */
#include "../profile_name.c"

#include "proof.h"

enum { MOST = 24 };

static char text[MOST + 1];

/* Any string of up to MOST characters; the whole of `text` may be one. */
static const char *any_string(void)
{
    __CPROVER_havoc_object(text);
    text[MOST] = '\0';
    return text;
}

/* As the C library has it. */
size_t strcspn(const char *string, const char *ends)
{
    size_t len = 0;

    while (string[len] != '\0' && string[len] != ends[0] &&
           (ends[0] == '\0' || ends[1] == '\0' || string[len] != ends[1]))
        len++;
    return len;
}

/* So many characters are left; the profile of an alias is not in `text`. */
static size_t left_at(const char *at)
{
    PROVE(__CPROVER_r_ok(at, 1));
    return __CPROVER_same_object(at, text) ? MOST - __CPROVER_POINTER_OFFSET(at)
                                           : strlen(at);
}

/* In the place of read_change(). */
enum grove_error any_change(const char **at, struct grove_profile *profile,
                            uint32_t *seen)
{
    const uint32_t len = nondet_u16();

    ASSUME(len <= left_at(*at));
    (void)profile;
    *seen = nondet_u32();
    if (__CPROVER_same_object(*at, text) && nondet_bool())
        return GROVE_E_CONFIG_COLUMN;
    *at += len;
    ASSUME(**at == ',' || **at == '\0');
    return GROVE_OK;
}

/* The name of a row or of an alias, and any changes behind it. */
void proof_profile_read(void)
{
    const char *const name = nondet_bool() ? any_string() : NULL;
    struct grove_profile profile;
    const enum grove_error error = read_name(name, &profile);

    PROVE(error != GROVE_OK || all_are_known(&profile));
    PROVE(name != NULL || error == GROVE_OK);
    REACHES(error == GROVE_OK && name == NULL);
    REACHES(error == GROVE_OK && name != NULL && text[9] == '\0');
    REACHES(error == GROVE_OK && name != NULL && text[MOST - 1] == ',');
}

static char name_bytes[GROVE_PROFILE_NAME_SIZE];

/* In the place of append(). */
void append_any(char **end, const char *more)
{
    const size_t len = strlen(more);

    PROVE(__CPROVER_w_ok(*end, len + 1));
    PROVE(__CPROVER_same_object(*end, name_bytes));
    *end += len;
}

/* Any values that kernels have are written; others are refused. */
void proof_profile_write(void)
{
    struct grove_profile profile;
    const enum grove_error error = grove_profile_name(&profile, name_bytes);

    PROVE((error == GROVE_OK) == all_are_known(&profile));
    PROVE(error == GROVE_OK || error == GROVE_E_CONFIG_VALUE);
    REACHES(error == GROVE_OK && profile.values[0] == 8);
    REACHES(error == GROVE_E_CONFIG_VALUE && profile.values[31] == 1);
}

/* Any number has room, and the text has its digits. */
void proof_profile_number(void)
{
    const uint16_t number = nondet_u16();
    char digits[VALUE_SIZE];
    uint32_t value = 0;
    size_t at = 0;

    number_text(number, digits);
    for (; at < VALUE_SIZE && digits[at] != '\0'; at++)
        value = value * 10 + (uint32_t)(digits[at] - '0');
    PROVE(at >= 1 && at < VALUE_SIZE && value == number);
    REACHES(number == 0);
    REACHES(at == 5);
}
