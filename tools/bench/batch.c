/* SPDX-License-Identifier: MIT */
/*
 * grove-bench-batch TRAFFIC FLOWS: the batch of `grove bench` as a line of
 * JSON, for the benchmarks of programs in other languages, and the first
 * super-packet of it:
 *
 *     {"packets":["4500..."],"vnet":"0101...","packet":"4500..."}
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grove/table.h"
#include "traffic.h"

static void print_hex(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        printf("%02x", bytes[i]);
}

static void print_packets(const struct traffic *traffic)
{
    for (unsigned i = 0; i < TRAFFIC_BATCH; i++) {
        fputs(i == 0 ? "{\"packets\":[\"" : "\",\"", stdout);
        print_hex(traffic->packet[i], traffic->len);
    }
    fputs("\"],\"vnet\":\"", stdout);
}

/* False: the batch was not coalesced. */
static bool print_super(const struct traffic *traffic)
{
    const struct grove_config config = {.max_flows = TRAFFIC_BATCH};
    struct grove_packet packets[TRAFFIC_BATCH];
    struct grove_table *table = NULL;
    const struct grove_output *output;
    size_t count;

    for (unsigned i = 0; i < TRAFFIC_BATCH; i++)
        packets[i] =
            (struct grove_packet){traffic->packet[i], traffic->len, NULL, 0};
    if (grove_table_new(&config, &table) != GROVE_OK ||
        grove_coalesce(table, packets, TRAFFIC_BATCH) != GROVE_OK)
        return false;
    output = grove_to_write(table, &count);
    print_hex(output->iov[0].iov_base, output->iov[0].iov_len);
    fputs("\",\"packet\":\"", stdout);
    for (int i = 1; i < output->iovcnt; i++)
        print_hex(output->iov[i].iov_base, output->iov[i].iov_len);
    puts("\"}");
    grove_table_free(table);
    return true;
}

int main(int argc, char **argv)
{
    const unsigned long flows = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    struct traffic *traffic = NULL;
    bool printed;

    for (unsigned i = 0; i < TRAFFIC_KINDS && argc == 3; i++)
        if (strcmp(argv[1], traffic_name((enum traffic_kind)i)) == 0 &&
            flows >= 1 && flows <= TRAFFIC_BATCH)
            traffic = traffic_new((enum traffic_kind)i, (unsigned)flows);
    if (traffic == NULL) {
        fputs("grove-bench-batch: expected tcp|udp FLOWS\n", stderr);
        return 2;
    }
    print_packets(traffic);
    printed = print_super(traffic);
    free(traffic);
    return printed ? EXIT_SUCCESS : EXIT_FAILURE;
}
