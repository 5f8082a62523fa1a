/* SPDX-License-Identifier: MIT */
/* flows.c: the flow table is valid after every call, which does what it says.
 */
#include "proof.h"

#define bytes_equal any_equal
#include "../flows.c"

/*
 * An operation changes a held one and its neighbours in three lists: in each,
 * it is the first, the last, the only one, or between two.
 */
enum { MOST_FLOWS = 3 };
#include "any_flows.h"

/* The held ones in the order of the list. */
struct ages {
    const struct held *held[MOST_FLOWS];
    uint32_t count;
};

static struct ages ages_of(const struct flows *flows)
{
    struct ages ages = {.count = flows_count(flows)};
    const struct held *held = flows->oldest;

    for (uint32_t i = 0; i < MOST_FLOWS; i++)
        if (i < ages.count) {
            ages.held[i] = held;
            held = held->younger;
        }
    return ages;
}

/* The same but for the one that is `gone`, if any. */
static bool same_but(const struct ages *before, const struct ages *after,
                     const struct held *gone)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < MOST_FLOWS; i++)
        if (i < before->count && before->held[i] != gone) {
            if (at >= after->count || after->held[at] != before->held[i])
                return false;
            at++;
        }
    return true;
}

void proof_flows_init(void)
{
    static struct held all[MOST_FLOWS + 1];
    static struct held *map[8];
    struct flows flows;

    PROVE(flows_slots(MOST_FLOWS) == 8);
    const uint32_t bucket_max = nondet_u32();

    ASSUME(bucket_max >= 1 && bucket_max <= MOST_FLOWS);
    flows_init(&flows, MOST_FLOWS, bucket_max, nondet_u32(), all, map);
    PROVE(flows_is_valid(&flows) && flows.bucket_max == bucket_max);
    PROVE(flows_count(&flows) == 0 && flows.max == MOST_FLOWS);
    REACHES(flows.free == &all[2]);
}

void proof_flows_add(void)
{
    struct flows flows = any_flows();
    const struct ages before = ages_of(&flows);
    const struct held *spare = flows.spare;
    const uint32_t hash = nondet_u32();
    const uint32_t bucket = flows_bucket(spare->first.hash);

    ASSUME(!flows_full(&flows, bucket) && before.count < flows.max);
    const struct held *added = flows_add(&flows, hash);
    const struct ages after = ages_of(&flows);

    PROVE(flows_is_valid(&flows));
    PROVE(added == spare && added->hash == hash);
    PROVE(flows.bucket[bucket].youngest == added);
    PROVE(after.count == before.count + 1 && same_but(&after, &before, added));
    REACHES(flows_full(&flows, bucket) && added->chained != NULL);
    REACHES(flows.oldest == added && added->younger == NULL);
    REACHES(added->older != NULL && added->younger != NULL);
}

void proof_flows_remove(void)
{
    struct flows flows = any_flows();
    const struct ages before = ages_of(&flows);
    const uint32_t number = nondet_u32();

    ASSUME(number < before.count);
    struct held *gone = (struct held *)before.held[number];

    flows_remove(&flows, gone);
    const struct ages after = ages_of(&flows);

    PROVE(flows_is_valid(&flows));
    PROVE(after.count == before.count - 1 && same_but(&before, &after, gone));
    REACHES(after.count == 2 && number == 1 && gone->chained != NULL);
    REACHES(after.count == 0);
}

/* The oldest of a bucket that is not empty is the first of it in the list. */
void proof_flows_oldest(void)
{
    struct flows flows = any_flows();
    const uint32_t hash = nondet_u32();
    const uint32_t bucket = flows_bucket(hash);

    ASSUME(flows.bucket[bucket].count != 0);
    const struct held *oldest = flows_oldest_of(&flows, hash);

    PROVE(flows_bucket(oldest->first.hash) == bucket);
    PROVE(oldest->older == NULL ||
          flows_bucket(oldest->older->first.hash) < bucket);
    REACHES(oldest->older != NULL && flows.bucket[bucket].count == 2);
    REACHES(oldest->older == NULL && bucket == 7);
}

void proof_flows_clear(void)
{
    struct flows flows = any_flows();
    const struct ages before = ages_of(&flows);

    flows_clear(&flows);
    PROVE(flows_is_valid(&flows));
    PROVE(flows_count(&flows) == 0);
    REACHES(before.count == MOST_FLOWS);
    REACHES(before.count == 0);
}

/* The slots of the held ones are empty: of a few, and of many. */
void proof_flows_clear_slots(void)
{
    static struct held *slot[8];
    struct held *const held[] = {&held_a, &held_b, &held_c};
    struct flows flows = {.slots = slot, .mask = 7};
    const uint32_t count = nondet_u32();
    const uint32_t at = nondet_u32();

    ASSUME(count <= MOST_FLOWS && at <= flows.mask);
    for (uint32_t i = count; i-- > 0;) {
        held[i]->hash = nondet_u32();
        held[i]->younger = flows.oldest;
        flows.oldest = slot[held[i]->hash & flows.mask] = held[i];
    }
    clear_slots(&flows, count);
    PROVE(slot[at] == NULL);
    REACHES(count == 1);
    REACHES(count == MOST_FLOWS);
}

/* Two packets with a key are of one flow only if all of it is equal. */
void proof_flows_same(void)
{
    struct held held;
    struct packet packet;

    held.first.input.bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    packet.input.bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    ASSUME(held_is_valid(&held));
    ASSUME(packet_is_valid(&packet) && packet.has_key);
    const struct packet *first = &held.first;
    const bool same = same_flow(first, &packet);

    PROVE(!same || first->hash == packet.hash);
    PROVE(!same || first->tunnel == packet.tunnel);
    PROVE(!same || first->version == packet.version);
    PROVE(!same || first->key.transport == packet.key.transport);
    PROVE(!same || first->key.network == packet.key.network);
    PROVE(!same || first->key.addresses[0] == packet.key.addresses[0]);
    PROVE(!same || packet.version == 4 ||
          first->key.addresses[3] == packet.key.addresses[3]);
    PROVE(!same || !packet_in_tunnel(&packet) ||
          (first->input.version == packet.input.version &&
           outer_udp(first).len == outer_udp(&packet).len));
    REACHES(same && packet.version == 6 && first->l4 > 60000);
    REACHES(same && packet_in_tunnel(&packet) && packet.input.version == 6);
}

/* Of one flow or not, but the same whenever it is asked. */
bool __CPROVER_uninterpreted_same(const struct packet *, const struct packet *);

bool is_same(const struct packet *a, const struct packet *b)
{
    return __CPROVER_uninterpreted_same(a, b);
}

/* What flows_find() gives is held and of the flow; if NULL, none is. */
void proof_flows_find(void)
{
    struct flows flows = any_flows();
    const struct ages ages = ages_of(&flows);
    const uint32_t hash = nondet_u32();
    struct packet packet;
    bool is_held = false;
    const struct held *found = flows_find(&flows, &packet, hash);

    for (uint32_t i = 0; i < MOST_FLOWS; i++)
        if (i < ages.count) {
            is_held = is_held || ages.held[i] == found;
            PROVE(found != NULL || ages.held[i]->hash != hash ||
                  !is_same(&ages.held[i]->first, &packet));
        }
    if (found != NULL) {
        PROVE(is_held && found->hash == hash);
        PROVE(is_same(&found->first, &packet));
    }
    REACHES(found != NULL && slots[hash & flows.mask] != found);
    REACHES(found == NULL && ages.count == MOST_FLOWS);
}

/* What flows_probe() gives is held and has the hash; if NULL, none has. */
void proof_flows_probe(void)
{
    struct flows flows = any_flows();
    const struct ages ages = ages_of(&flows);
    const uint32_t hash = nondet_u32();
    const struct held *found = flows_probe(&flows, hash);
    bool is_held = false;

    for (uint32_t i = 0; i < MOST_FLOWS; i++)
        if (i < ages.count) {
            is_held = is_held || ages.held[i] == found;
            PROVE(found != NULL || ages.held[i]->hash != hash);
        }
    PROVE(found == NULL || (is_held && found->hash == hash));
    REACHES(found != NULL && found == flows.oldest);
    REACHES(found == NULL && ages.count == MOST_FLOWS);
}
