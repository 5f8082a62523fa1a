/* SPDX-License-Identifier: MIT */
/* Reads pcap files, by libpcap. */
#ifndef GROVE_TOOLS_PCAP_READER_H
#define GROVE_TOOLS_PCAP_READER_H

#include <pcap/pcap.h>
#include <stdbool.h>

#include "frame.h"
#include "source.h"

struct pcap_reader {
    pcap_t *pcap;
    int link;
    uint32_t fcs_len; /* as the header of the file tells it */
};

/*
 * Takes the stream of the source. False, with a reason, if it is no pcap; then
 * the stream stays open.
 */
bool pcap_reader_open(struct pcap_reader *reader, struct source *source,
                      char reason[FRAME_REASON]);

/* The reason is valid until the next call. */
enum read_result pcap_reader_next(struct pcap_reader *reader,
                                  struct frame *frame, const char **reason);

/* Closes it and the source. */
void pcap_reader_close(struct pcap_reader *reader);

#endif
