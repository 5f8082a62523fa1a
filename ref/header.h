/* SPDX-License-Identifier: MIT */
/*
 * The fields of IP, TCP and UDP headers. A field's value here is its offset in
 * bytes from the start of its header. No other file of ref/ has such an offset
 * as a number; tools/lint checks that.
 */
#ifndef GROVE_HEADER_H
#define GROVE_HEADER_H

/* The Internet checksum by itself. */
enum {
    CHECKSUM_FIELD = 0,
    CHECKSUM_LEN = 2 /* its length */
};

/* Values of ETHERNET_TYPE: RFC 9542, appendix B. */
enum {
    ETHERNET_TYPE_IP4 = 0x0800,
    ETHERNET_TYPE_ETHERNET = 0x6558, /* another Ethernet header */
    ETHERNET_TYPE_IP6 = 0x86dd
};

/* A VLAN tag, which stands before the type: IEEE 802.1Q. */
enum {
    ETHERNET_TYPE_TAG = 0x8100,
    ETHERNET_TYPE_SERVICE_TAG = 0x88a8,
    ETHERNET_TAG = 4 /* its length */
};

/* PPPoE, whose header stands behind this type: RFC 2516, section 4. */
enum { ETHERNET_TYPE_PPPOE = 0x8864 };

/* Protocol numbers and IPv6 next header values. */
enum {
    IP_PROTO_HOP_BY_HOP = 0,
    IP_PROTO_IP4 = 4, /* another IPv4 header */
    IP_PROTO_TCP = 6,
    IP_PROTO_UDP = 17,
    IP_PROTO_IP6 = 41, /* another IPv6 header */
    IP_PROTO_ROUTING = 43,
    IP_PROTO_FRAGMENT = 44,
    IP_PROTO_GRE = 47,
    IP_PROTO_DESTINATION = 60 /* destination options */
};

/*
 * One type for all headers, so that one of two can be chosen: TCP_CHECKSUM or
 * UDP_CHECKSUM.
 */
enum {
    /* Ethernet: RFC 894. */
    ETHERNET_ADDRESSES = 0, /* destination and source */
    ETHERNET_TYPE = 12,
    ETHERNET_TYPE_LEN = 2,
    ETHERNET_HEADER = 14, /* its length */

    /* Either IP version. */
    IP_VERSION = 0, /* the upper 4 bits */

    /* IPv4: RFC 791. */
    IP4_VERSION_IHL = 0,
    IP4_TOS = 1,
    IP4_TOTAL_LENGTH = 2,
    IP4_ID = 4,
    IP4_FRAGMENT = 6, /* three flags and the fragment offset */
    IP4_TTL = 8,
    IP4_PROTOCOL = 9,
    IP4_CHECKSUM = 10,
    IP4_SOURCE = 12,
    IP4_DESTINATION = 16,
    IP4_HEADER = 20, /* its length without options */
    IP4_HEADER_MAX = 60,

    /* IPv6: RFC 8200, section 3. */
    IP6_VERSION_CLASS_LABEL = 0,
    IP6_PAYLOAD_LENGTH = 4,
    IP6_NEXT_HEADER = 6,
    IP6_HOP_LIMIT = 7,
    IP6_SOURCE = 8,
    IP6_DESTINATION = 24,
    IP6_HEADER = 40, /* its length */

    /* IPv6 extension headers: RFC 8200, sections 4.2 to 4.6. */
    EXTENSION_NEXT_HEADER = 0,
    EXTENSION_LENGTH = 1, /* in units beyond the first */
    EXTENSION_FIXED = 2,  /* the length of these two fields */
    EXTENSION_UNIT = 8,   /* bytes */
    FRAGMENT_HEADER = 8,  /* the length of a fragment header */
    /* The jumbo payload option, RFC 2675, in a hop-by-hop header of its own. */
    JUMBO_OPTION_TYPE = 2,
    JUMBO_OPTION_LENGTH = 3,
    JUMBO_PAYLOAD_LENGTH = 4,
    JUMBO_HEADER = 8, /* the length of that header */

    /* TCP and UDP alike. */
    L4_PORTS = 0,     /* source and destination */
    L4_PORTS_LEN = 4, /* the length of both */
    L4_DESTINATION_PORT = 2,

    /* TCP: RFC 9293, section 3.1. */
    TCP_SEQUENCE = 4,
    TCP_ACKNOWLEDGMENT = 8,
    TCP_OFFSET_FLAGS = 12, /* data offset, reserved bits and flags */
    TCP_FLAGS_LOW = 13,    /* the flags from FIN to CWR */
    TCP_WINDOW = 14,
    TCP_CHECKSUM = 16,
    TCP_URGENT = 18,
    TCP_HEADER = 20, /* its length without options */
    TCP_HEADER_MAX = 60,

    /* UDP: RFC 768. */
    UDP_LENGTH = 4,
    UDP_CHECKSUM = 6,
    UDP_HEADER = 8, /* its length */

    /* VXLAN: RFC 7348, section 5. VXLAN-GPE: draft-ietf-nvo3-vxlan-gpe. */
    VXLAN_FLAGS = 0,
    VXLAN_NEXT = 3,   /* VXLAN-GPE: what is inside */
    VXLAN_HEADER = 8, /* its length */

    /* GENEVE: RFC 8926, section 3.4. */
    GENEVE_VERSION_OPTIONS = 0, /* and the length of the options */
    GENEVE_FLAGS = 1,
    GENEVE_TYPE = 2,
    GENEVE_HEADER = 8, /* its length without options */

    /* GRE: RFC 2784 and RFC 2890. */
    GRE_FLAGS = 0,
    GRE_TYPE = 2,
    GRE_HEADER = 4, /* its length without the next two */
    GRE_FIELD = 4,  /* the length of the checksum, and of the key */

    /* PPPoE: RFC 2516, section 4. */
    PPPOE_VERSION_CODE = 0, /* version, type and code */
    PPPOE_SESSION = 2,
    PPPOE_LENGTH = 4,   /* of what follows this field */
    PPPOE_PROTOCOL = 6, /* of PPP */
    PPPOE_HEADER = 8    /* its length, with the protocol */
};

/* Bits of IPv4 fields. */
enum {
    IP4_IHL = 0x0f,        /* of IP4_VERSION_IHL, in units of 4 bytes */
    IP4_RESERVED = 0x8000, /* of IP4_FRAGMENT, as the next three */
    IP4_DF = 0x4000,       /* "don't fragment" */
    IP4_MF_OFFSET = 0x3fff /* "more fragments" and the fragment offset */
};

/* Bits of IPv6 fields. */
enum {
    IP6_VERSION_SHIFT = 28, /* of IP6_VERSION_CLASS_LABEL, as the next */
    IP6_CLASS_SHIFT = 20
};

/* All of IP6_VERSION_CLASS_LABEL but the traffic class. */
#define IP6_VERSION_LABEL UINT32_C(0xf00fffff)

/* Values of JUMBO_OPTION_TYPE and of JUMBO_OPTION_LENGTH. */
enum { JUMBO_OPTION = 0xc2, JUMBO_OPTION_DATA = 4 };

/* Bits of VXLAN_FLAGS, and values of VXLAN_NEXT. */
enum {
    VXLAN_OAM = 0x01,
    VXLAN_HAS_NEXT = 0x04,
    VXLAN_VERSION = 0x30,
    VXLAN_NEXT_IP4 = 1,
    VXLAN_NEXT_IP6 = 2,
    VXLAN_NEXT_ETHERNET = 3
};

/* Bits of GENEVE_VERSION_OPTIONS and of GENEVE_FLAGS. */
enum {
    GENEVE_VERSION = 0xc0,
    GENEVE_OPTIONS = 0x3f, /* in units of 4 bytes */
    GENEVE_OAM = 0x80
};

/* Bits of GRE_FLAGS. */
enum {
    GRE_HAS_CHECKSUM = 0x8000, /* behind GRE_HEADER */
    GRE_HAS_KEY = 0x2000       /* behind the checksum, if there is one */
};

/* The value of PPPOE_VERSION_CODE that says that a session goes on. */
enum { PPPOE_OF_SESSION = 0x1100 };

/* Values of PPPOE_PROTOCOL: RFC 1332, section 3, and RFC 5072, section 3. */
enum { PPP_PROTOCOL_IP4 = 0x0021, PPP_PROTOCOL_IP6 = 0x0057 };

/* Bits of TCP_OFFSET_FLAGS. */
enum {
    TCP_FIN = 0x0001,
    TCP_SYN = 0x0002,
    TCP_RST = 0x0004,
    TCP_PSH = 0x0008,
    TCP_URG = 0x0020,
    TCP_CWR = 0x0080,
    TCP_FLAGS = 0x0fff,   /* all flags, AE and the reserved bits */
    TCP_OFFSET_SHIFT = 12 /* of the data offset, in units of 4 bytes */
};

#endif
