/* SPDX-License-Identifier: MIT */
#include "pcap_reader.h"

#include <stdio.h>
#include <string.h>

/* The place of the snap length in the header of a file. */
enum { SNAP_AT = 16, SNAP_LEN = 4 };

/* The length of the FCS, in the bits of the link type that libpcap calls ext.
 */
static uint32_t told_fcs(uint32_t extension)
{
    const bool present = (extension & 0x04000000) != 0;

    return present ? (extension >> 28) * 2 : 0;
}

/*
 * libpcap shortens a record that is longer than the snap length of the file,
 * although it is whole. A snap length of 0 stands for the largest one.
 */
static void lift_snap_len(struct source *source)
{
    if (source->head_len == SOURCE_HEAD)
        memset(source->head + SNAP_AT, 0, SNAP_LEN);
}

bool pcap_reader_open(struct pcap_reader *reader, struct source *source,
                      char reason[FRAME_REASON])
{
    char error[PCAP_ERRBUF_SIZE];

    lift_snap_len(source);
    reader->pcap = pcap_fopen_offline_with_tstamp_precision(
        source->stream, PCAP_TSTAMP_PRECISION_NANO, error);
    if (reader->pcap == NULL) {
        snprintf(reason, FRAME_REASON, "%s", error);
        return false;
    }
    reader->link = pcap_datalink(reader->pcap);
    reader->fcs_len = told_fcs((uint32_t)pcap_datalink_ext(reader->pcap));
    return true;
}

enum read_result pcap_reader_next(struct pcap_reader *reader,
                                  struct frame *frame, const char **reason)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    const int status = pcap_next_ex(reader->pcap, &header, &data);

    if (status == PCAP_ERROR_BREAK)
        return READ_END;
    if (status != 1) {
        *reason = pcap_geterr(reader->pcap);
        return READ_BROKEN;
    }
    /* With this precision tv_usec holds nanoseconds, and they may be many. */
    *frame = (struct frame){
        .data = {.at = data, .len = header->caplen},
        .wire_len = header->len,
        .time =
            frame_time(header->ts.tv_sec > 0 ? (uint64_t)header->ts.tv_sec : 0,
                       (uint64_t)header->ts.tv_usec),
        .name = "",
        .link = reader->link,
        .fcs_len = reader->fcs_len,
    };
    return READ_FRAME;
}

void pcap_reader_close(struct pcap_reader *reader)
{
    pcap_close(reader->pcap);
}
