/* SPDX-License-Identifier: MIT */
/* The output of `grove explain --json`: a JSON object a line. */
#include "explain.h"

#include "print_json.h"

static void poll_begin(const struct description *descriptions, size_t count)
{
    (void)descriptions;
    (void)count;
}

static void packet(const struct explained_packet *explained)
{
    const struct description *description = explained->description;
    const struct timed_packet *packet = explained->packet;
    json_t *object = json_pack(
        "{ss sI sI ss ss ss sI sI ss ss?}", "type", "packet", "frame",
        (json_int_t)packet->frame, "time_ns", (json_int_t)packet->time,
        "protocol", description->protocol, "from", description->from, "to",
        description->to, "len", (json_int_t)packet->len, "payload",
        (json_int_t)description->payload, "verdict",
        grove_verdict_words(explained->fate.verdict), "rule",
        grove_rule_id(explained->fate.rule));

    if (object != NULL && description->has_tcp) {
        json_object_set_new(object, "flags", json_string(description->flags));
        json_object_set_new(object, "sequence",
                            json_integer(description->sequence));
    }
    if (object != NULL && *explained->interface != '\0')
        json_object_set_new(object, "interface",
                            json_text(explained->interface));
    if (object != NULL && explained->deviation != DEVIATION_NONE)
        json_object_set_new(object, "deviation",
                            json_string(deviation_id(explained->deviation)));
    print_json_line(object);
}

static void output(const struct explained_output *explained)
{
    json_t *frames = json_array();

    for (size_t i = 0; i < explained->packets; i++)
        json_array_append_new(frames,
                              json_integer((json_int_t)explained->frames[i]));
    print_json_line(json_pack("{ss so sI si ss}", "type", "output", "frames",
                              frames, "len", (json_int_t)explained->len,
                              "gso_size", (int)explained->vnet.gso_size, "rule",
                              grove_rule_id(explained->rule)));
}

static void poll_end(uint64_t number)
{
    print_json_line(
        json_pack("{ss sI}", "type", "poll_end", "number", (json_int_t)number));
}

static json_t *pack_tally(const struct tally *tally)
{
    json_t *object = json_object();

    for (int i = 0; i < TRAFFIC_COUNT; i++) {
        json_object_set_new(object, traffic_key((enum traffic)i),
                            json_pack("{sI sI}", "packets",
                                      (json_int_t)tally->in[i], "outputs",
                                      (json_int_t)tally->out[i]));
    }
    return object;
}

static json_t *pack_rules(const struct grove_table *table)
{
    json_t *object = json_object();

    for (enum grove_rule rule = grove_rule_next(GROVE_RULE_NONE);
         rule != GROVE_RULE_NONE; rule = grove_rule_next(rule))
        json_add_rule(object, rule, grove_rule_count(table, rule));
    return object;
}

static json_t *pack_hints(const struct hints *hints)
{
    json_t *array = json_array();

    for (size_t i = 0; i < hints->count; i++)
        json_array_append_new(array, json_text(hints->line[i]));
    return array;
}

static void end(const struct explained_end *explained)
{
    const struct frame_counts *counts = explained->counts;
    const uint64_t not_ip = counts->not_ip + counts->unlinked;

    print_json_line(json_pack(
        "{ss sI sI sI sI sI so so so}", "type", "end", "frames",
        (json_int_t)counts->frames, "packets", (json_int_t)counts->packets,
        "not_ip", (json_int_t)not_ip, "cut", (json_int_t)counts->cut, "polls",
        (json_int_t)explained->polls, "traffic", pack_tally(explained->tally),
        "rules", pack_rules(explained->table), "hints",
        pack_hints(explained->hints)));
}

const struct explain_view explain_json = {
    .poll_begin = poll_begin,
    .packet = packet,
    .output = output,
    .poll_end = poll_end,
    .end = end,
};
