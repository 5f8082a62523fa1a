/* SPDX-License-Identifier: MIT */
#include "level_report.h"

#include <string.h>

#include "codec.h"
#include "print_json.h"

/* So many rules of a group are named in the table. */
enum { RULES_SHOWN = 6 };

/* The question without its profile, which is not part of a vector either. */
static json_t *encode_question(const struct run *run)
{
    json_t *object = json_object();

    encode_run(object, run);
    return object;
}

/* ---- comments of TAP ---- */

static void print_levels(FILE *stream, const char *prefix,
                         const struct tally *tally)
{
    const char *between = "";

    fprintf(stream, "%slevels: ", prefix);
    for (enum level level = LEVEL_EXACT; level < LEVELS; level++) {
        fprintf(stream, "%s%zu %s", between, tally->levels[level],
                level_words(level));
        between = ", ";
    }
    between = " (";
    for (enum harm harm = HARMS - 1; harm > HARM_NONE; harm--) {
        if (tally->harms[harm] == 0)
            continue;
        fprintf(stream, "%s%zu %s", between, tally->harms[harm],
                harm_words(harm));
        between = ", ";
    }
    fputs(tally->levels[LEVEL_UNSAFE] > 0 ? ")\n" : "\n", stream);
}

static void print_merged(FILE *stream, const char *prefix,
                         const struct tally *tally)
{
    fprintf(stream,
            "%sbeside Linux, what is safe has fewer outputs %zu times, as many "
            "%zu times, more %zu times: %zu, and Linux %zu\n",
            prefix, tally->fewer, tally->as_many, tally->more, tally->outputs,
            tally->linux_outputs);
}

void level_lines(FILE *stream, const char *prefix, const struct tally *tally)
{
    print_levels(stream, prefix, tally);
    print_merged(stream, prefix, tally);
}

static void print_rules(FILE *stream, const struct tally_names *rules)
{
    for (size_t i = 0; i < rules->count && i < RULES_SHOWN; i++)
        fprintf(stream, "%s%s %zu", i == 0 ? ": " : ", ", rules->at[i].name,
                rules->at[i].count);
    if (rules->count > RULES_SHOWN)
        fprintf(stream, " and %zu more rules", rules->count - RULES_SHOWN);
    fputc('\n', stream);
}

static void print_lines(FILE *stream, const char *lines)
{
    while (lines != NULL && *lines != '\0') {
        const size_t len = strcspn(lines, "\n");

        fprintf(stream, "#     %.*s\n", (int)len, lines);
        lines += len + (lines[len] == '\n');
    }
}

static void print_smallest(FILE *stream, const struct smallest *smallest)
{
    json_t *question = encode_question(&smallest->run);

    fprintf(stream, "#   the smallest one is %s %s, here shrunk:\n",
            smallest->id, smallest->run.profile);
    print_lines(stream, smallest->why);
    fputs("#     ", stream);
    json_dumpf(question, stream, JSON_COMPACT);
    fputc('\n', stream);
    json_decref(question);
}

static void print_group(FILE *stream, const struct tally_group *group,
                        bool shrunk)
{
    fprintf(stream, "# %zu times %s %s%s%s", group->count, op_name(group->op),
            harm_words(group->harm), group->field != NULL ? " " : "",
            group->field != NULL ? group->field : "");
    print_rules(stream, &group->rules);
    if (shrunk)
        print_smallest(stream, group->smallest);
}

void level_table(FILE *stream, const struct report *report)
{
    const struct tally *tally = &report->tally;

    level_lines(stream, "# ", tally);
    for (size_t i = 0; i < tally->group_count; i++)
        print_group(stream, &tally->groups[i], report->shrunk);
}

/* ---- JSON ---- */

static void set(json_t *object, const char *name, size_t count)
{
    json_object_set_new(object, name, json_integer((json_int_t)count));
}

static json_t *encode_levels(const struct tally *tally)
{
    json_t *object = json_object();

    for (enum level level = LEVEL_EXACT; level < LEVELS; level++)
        set(object, level_words(level), tally->levels[level]);
    return object;
}

static json_t *encode_harms(const struct tally *tally)
{
    json_t *object = json_object();

    for (enum harm harm = HARMS - 1; harm > HARM_NONE; harm--)
        set(object, harm_words(harm), tally->harms[harm]);
    return object;
}

static json_t *encode_merged(const struct tally *tally)
{
    json_t *object = json_object();

    set(object, "fewer", tally->fewer);
    set(object, "as_many", tally->as_many);
    set(object, "more", tally->more);
    set(object, "outputs", tally->outputs);
    set(object, "linux_outputs", tally->linux_outputs);
    return object;
}

static void add_smallest(json_t *object, const struct smallest *smallest)
{
    json_object_set_new(object, "vector", json_text(smallest->id));
    json_object_set_new(object, "profile", json_text(smallest->run.profile));
    json_object_set_new(object, "question", encode_question(&smallest->run));
    json_object_set_new(object, "why", json_lines(smallest->why));
}

static json_t *encode_group(const struct tally_group *group, bool shrunk)
{
    json_t *object = json_object();
    json_t *rules = json_object();

    json_object_set_new(object, "op", json_text(op_name(group->op)));
    json_object_set_new(object, "kind", json_text(harm_words(group->harm)));
    if (group->field != NULL)
        json_object_set_new(object, "field", json_text(group->field));
    set(object, "count", group->count);
    for (size_t i = 0; i < group->rules.count; i++)
        set(rules, group->rules.at[i].name, group->rules.at[i].count);
    json_object_set_new(object, "rules", rules);
    if (shrunk)
        add_smallest(object, group->smallest);
    return object;
}

void level_members(json_t *object, const struct report *report)
{
    const struct tally *tally = &report->tally;
    json_t *groups = json_array();

    json_object_set_new(object, "level", json_text(level_words(report->level)));
    json_object_set_new(object, "levels", encode_levels(tally));
    json_object_set_new(object, "kinds", encode_harms(tally));
    json_object_set_new(object, "beside_linux", encode_merged(tally));
    for (size_t i = 0; i < tally->group_count; i++)
        json_array_append_new(groups,
                              encode_group(&tally->groups[i], report->shrunk));
    json_object_set_new(object, "groups", groups);
}
