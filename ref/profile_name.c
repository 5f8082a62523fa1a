/* SPDX-License-Identifier: MIT */
/* Reads and writes the names of profiles; SPEC.md, "Names of profiles". */
#include <assert.h>
#include <string.h>

#include "profile.h"

/* Room for the text of a value, with its NUL. */
#define VALUE_SIZE sizeof "65535"

/* No name is longer than all rows' names with a change of each column. */
struct longest_name {
#define GROVE_PROFILE(number, row, ...) char row_##number[sizeof(row)];
#include "profile.def"
#define GROVE_COLUMN(type, name, known, rules, words)                          \
    char name[sizeof ",=65535" #name];
#include "profile.def"
};
static_assert(sizeof(struct longest_name) <= GROVE_PROFILE_NAME_SIZE,
              "a name has room");

/* A part of a name. */
struct part {
    const char *at;
    size_t len;
};

static const struct {
    const char *name;
    const char *profile;
} aliases[] = {
#define GROVE_ALIAS(alias, profile_name) {(alias), (profile_name)},
#include "profile.def"
};

static bool is_word(struct part part, const char *word)
{
    return strlen(word) == part.len && memcmp(part.at, word, part.len) == 0;
}

static void number_text(uint16_t number, char text[VALUE_SIZE])
{
    size_t len = 1;

    for (uint16_t rest = number; rest >= 10; rest /= 10)
        len++;
    text[len] = '\0';
    do {
        text[--len] = (char)('0' + number % 10);
        number /= 10;
    } while (len > 0);
}

static void value_text(const struct grove_column *column, uint16_t value,
                       char text[VALUE_SIZE])
{
    if (!column->is_flag)
        number_text(value, text);
    else if (value != 0)
        memcpy(text, "yes", sizeof "yes");
    else
        memcpy(text, "no", sizeof "no");
}

/* ---- Reading ---- */

/* Takes the part before the first of `ends`, or before the end of the name. */
static struct part take(const char **at, const char *ends)
{
    const struct part part = {*at, strcspn(*at, ends)};

    *at += part.len;
    return part;
}

/* The newest row for a name that is NULL. */
static enum grove_error read_row(const struct part *name,
                                 struct grove_profile *profile)
{
    struct profile_row row;
    enum grove_error error = GROVE_E_CONFIG_PROFILE;

    for (size_t i = 0; profile_row(i, &row); i++) {
        if (name == NULL || is_word(*name, row.name)) {
            *profile = row.profile;
            error = GROVE_OK;
        }
    }
    return error;
}

static enum grove_error read_value(const struct grove_column *column,
                                   struct part part, uint16_t *value)
{
    char text[VALUE_SIZE];

    for (size_t i = 0; i < column->known_count; i++) {
        value_text(column, column->known[i], text);
        if (is_word(part, text)) {
            *value = column->known[i];
            return GROVE_OK;
        }
    }
    return GROVE_E_CONFIG_VALUE;
}

/* The index of the column; that of no column if there is none. */
static size_t find_column(struct part name)
{
    size_t index = 0;

    while (grove_column(index) != NULL &&
           !is_word(name, grove_column(index)->name))
        index++;
    return index;
}

/* Reads "column=value". `seen` has a bit for each column that was read. */
static enum grove_error
read_change(const char **at, struct grove_profile *profile, uint32_t *seen)
{
    const size_t index = find_column(take(at, "=,"));
    const struct grove_column *column = grove_column(index);

    if (column == NULL || (*seen >> index & 1) != 0)
        return GROVE_E_CONFIG_COLUMN;
    *seen |= UINT32_C(1) << index;
    if (**at == '=')
        ++*at;
    return read_value(column, take(at, ","), &profile->values[index]);
}

/* Reads the changes behind a base; there may be none. */
static enum grove_error read_changes(const char *at,
                                     struct grove_profile *profile)
{
    uint32_t seen = 0;
    enum grove_error error = GROVE_OK;

    while (error == GROVE_OK && *at != '\0') {
        at++; /* ':' before the first column, ',' before the others */
        error = read_change(&at, profile, &seen);
    }
    return error;
}

/* Reads a row and changes of it. */
static enum grove_error read_row_changes(const char *name,
                                         struct grove_profile *profile)
{
    const struct part row = take(&name, ":");
    const enum grove_error error = read_row(&row, profile);

    return error == GROVE_OK ? read_changes(name, profile) : error;
}

/* Reads a name that need not be canonical. */
static enum grove_error read_name(const char *name,
                                  struct grove_profile *profile)
{
    const char *end = name;
    enum grove_error error;
    struct part base;

    if (name == NULL)
        return read_row(NULL, profile);
    base = take(&end, ":");
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (!is_word(base, aliases[i].name))
            continue;
        error = read_row_changes(aliases[i].profile, profile);
        assert(error == GROVE_OK); /* it is one */
        (void)error;
        return read_changes(end, profile);
    }
    return read_row_changes(name, profile);
}

/* ---- Writing ---- */

static bool is_known(const struct grove_column *column, uint16_t value)
{
    for (size_t i = 0; i < column->known_count; i++) {
        if (column->known[i] == value)
            return true;
    }
    return false;
}

static bool all_are_known(const struct grove_profile *profile)
{
    for (size_t i = 0; i < GROVE_MAX_COLUMNS; i++) {
        const struct grove_column *column = grove_column(i);

        if (column == NULL ? profile->values[i] != 0
                           : !is_known(column, profile->values[i]))
            return false;
    }
    return true;
}

static size_t differences(const struct grove_profile *a,
                          const struct grove_profile *b)
{
    size_t count = 0;

    for (size_t i = 0; grove_column(i) != NULL; i++)
        count += a->values[i] != b->values[i];
    return count;
}

/* The named row with the fewest differences; the oldest of several. */
static struct profile_row nearest_row(const struct grove_profile *profile)
{
    struct profile_row nearest;
    struct profile_row row;

    (void)profile_row(0, &nearest);
    for (size_t i = 1; profile_row(i, &row); i++) {
        if (differences(&row.profile, profile) <
            differences(&nearest.profile, profile))
            nearest = row;
    }
    return nearest;
}

/* Appends the text; `end` is the end of the name, and is moved. */
static void append(char **end, const char *text)
{
    const size_t len = strlen(text);

    memcpy(*end, text, len + 1);
    *end += len;
}

static void write_name(const struct grove_profile *profile,
                       char name[GROVE_PROFILE_NAME_SIZE])
{
    const struct profile_row row = nearest_row(profile);
    const struct grove_column *column;
    const char *separator = ":";
    char text[VALUE_SIZE];

    append(&name, row.name);
    for (size_t i = 0; (column = grove_column(i)) != NULL; i++) {
        if (profile->values[i] == row.profile.values[i])
            continue;
        value_text(column, profile->values[i], text);
        append(&name, separator);
        append(&name, column->name);
        append(&name, "=");
        append(&name, text);
        separator = ",";
    }
}

/* ---- grove/profile.h, and what the configuration names ---- */

enum grove_error grove_profile_name(const struct grove_profile *profile,
                                    char name[GROVE_PROFILE_NAME_SIZE])
{
    if (!all_are_known(profile))
        return GROVE_E_CONFIG_VALUE;
    write_name(profile, name);
    return GROVE_OK;
}

enum grove_error
grove_profile_canonical(const char *name,
                        char canonical[GROVE_PROFILE_NAME_SIZE])
{
    struct grove_profile profile;
    const enum grove_error error = read_name(name, &profile);

    if (error == GROVE_OK)
        write_name(&profile, canonical);
    return error;
}

/* A name without columns is that of a row, or an alias of it. */
static bool is_canonical(const char *name, const struct grove_profile *profile)
{
    char canonical[GROVE_PROFILE_NAME_SIZE];

    if (name == NULL || strchr(name, ':') == NULL)
        return true;
    write_name(profile, canonical);
    return strcmp(name, canonical) == 0;
}

enum grove_error grove_profile_values(const char *name,
                                      struct grove_profile *profile)
{
    struct grove_profile read;
    const enum grove_error error = read_name(name, &read);

    if (error != GROVE_OK)
        return error;
    if (!is_canonical(name, &read))
        return GROVE_E_CONFIG_SPELLING;
    *profile = read;
    return GROVE_OK;
}

enum grove_error grove_profile_value(const char *name, const char *column,
                                     uint16_t *value)
{
    const size_t index = find_column((struct part){column, strlen(column)});
    struct grove_profile profile;
    const enum grove_error error = grove_profile_values(name, &profile);

    if (error != GROVE_OK)
        return error;
    if (grove_column(index) == NULL)
        return GROVE_E_CONFIG_COLUMN;
    *value = profile.values[index];
    return GROVE_OK;
}

enum grove_error profile_find(const char *name, struct profile *profile)
{
    struct grove_profile found;
    const enum grove_error error = grove_profile_values(name, &found);

    if (error == GROVE_OK)
        *profile = profile_of(&found);
    return error;
}
