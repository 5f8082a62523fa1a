/* SPDX-License-Identifier: MIT */
/* The configuration of a question, from and to JSON. */
#include <string.h>

#include "codec.h"
#include "tunnel.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Reads one of two words as a boolean. */
static bool decode_choice(const struct node *at, const char *key,
                          const char *no, const char *yes, bool *value)
{
    const char *name = NULL;
    struct node member;

    if (!node_member(at, key, &member))
        return true;
    if (!node_string(&member, &name))
        return false;
    *value = strcmp(name, yes) == 0;
    if (!*value && strcmp(name, no) != 0)
        return node_fail(&member, "\"%s\" is unknown; write %s or %s", name, no,
                         yes);
    return true;
}

static bool decode_max_flows(const struct node *at, uint32_t *max_flows)
{
    struct node member;

    if (!node_member(at, "max_flows", &member))
        return true;
    if (!node_number(&member, GROVE_MAX_FLOWS, max_flows))
        return false;
    if (*max_flows == 0)
        return node_fail(&member, "0 flows; write at least 1");
    return true;
}

static bool decode_link(const struct node *at, enum grove_link *link)
{
    bool ethernet = false;

    if (!decode_choice(at, "link", "none", "ethernet", &ethernet))
        return false;
    *link = ethernet ? GROVE_LINK_ETHERNET : GROVE_LINK_NONE;
    return true;
}

static bool decode_tunnel(const struct node *at, struct grove_tunnel *tunnel)
{
    const char *name = NULL;

    if (!node_string(at, &name))
        return false;
    if (!tunnel_read(name, tunnel))
        return node_fail(at,
                         "\"%s\" is not a tunnel; write ipip, gre, vxlan:PORT, "
                         "vxlan-gpe:PORT, geneve:PORT or pppoe",
                         name);
    return true;
}

static bool decode_tunnels(const struct node *at, struct run_config *config)
{
    struct node member;
    size_t count;

    if (!node_member(at, "tunnels", &member))
        return true;
    if (!node_array(&member))
        return false;
    count = json_array_size(member.json);
    if (count > GROVE_MAX_TUNNELS)
        return node_fail(&member, "%zu tunnels; write at most %d", count,
                         GROVE_MAX_TUNNELS);
    for (size_t i = 0; i < count; i++) {
        const struct node element = node_element(&member, i);

        if (!decode_tunnel(&element, &config->tunnels[i]))
            return false;
    }
    config->tunnel_count = (uint32_t)count;
    return true;
}

static bool decode_vnet_len(const struct node *at, uint8_t *vnet_len)
{
    uint32_t number = *vnet_len;
    struct node member;

    if (!node_member(at, "vnet_len", &member))
        return true;
    if (!node_number(&member, RUN_VNET_MAX, &number))
        return false;
    if (number != 10 && number != 12 && number != 24)
        return node_fail(&member, "%u bytes; write 10, 12 or 24", number);
    *vnet_len = (uint8_t)number;
    return true;
}

static bool decode_max_bytes(const struct node *at, uint32_t *max_bytes)
{
    struct node member;

    if (!node_member(at, "max_bytes", &member))
        return true;
    if (!node_number(&member, GROVE_MAX_BYTES, max_bytes))
        return false;
    if (*max_bytes < GROVE_DEFAULT_BYTES)
        return node_fail(&member, "%u bytes; write at least %d", *max_bytes,
                         GROVE_DEFAULT_BYTES);
    return true;
}

bool decode_config(const struct node *at, struct run_config *config)
{
    static const struct field fields[] = {
        {"max_flows", false}, {"udp", false},       {"csum", false},
        {"mode", false},      {"link", false},      {"tunnels", false},
        {"vnet_len", false},  {"max_bytes", false}, {"fraglist", false},
        {"hash", false},
    };
    struct node member;

    *config = run_config_default();
    if (!node_member(at, "config", &member))
        return true;
    if (node_object(&member, fields, COUNT(fields)) &&
        decode_max_flows(&member, &config->max_flows) &&
        member_bool(&member, "udp", &config->udp) &&
        decode_choice(&member, "csum", "verify", "trusted",
                      &config->csum_trusted) &&
        decode_choice(&member, "mode", "linux", "lossless",
                      &config->lossless) &&
        decode_link(&member, &config->link) &&
        decode_tunnels(&member, config) &&
        decode_vnet_len(&member, &config->vnet_len) &&
        decode_max_bytes(&member, &config->max_bytes) &&
        member_bool(&member, "fraglist", &config->fraglist) &&
        member_bool(&member, "hash", &config->hash))
        return true;
    at->in->config_fault = true;
    return false;
}

static json_t *encode_tunnels(const struct run_config *config)
{
    json_t *array = json_array();

    for (uint32_t i = 0; i < config->tunnel_count; i++) {
        char name[TUNNEL_NAME_SIZE];

        tunnel_write(&config->tunnels[i], name);
        json_array_append_new(array, json_string(name));
    }
    return array;
}

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

json_t *encode_config(const struct run_config *config)
{
    const struct run_config usual = run_config_default();
    json_t *object = json_object();

    if (config->max_flows != usual.max_flows)
        set(object, "max_flows", json_integer(config->max_flows));
    if (config->udp != usual.udp)
        set(object, "udp", json_boolean(config->udp));
    if (config->csum_trusted)
        set(object, "csum", json_string("trusted"));
    if (config->lossless)
        set(object, "mode", json_string("lossless"));
    if (config->link == GROVE_LINK_ETHERNET)
        set(object, "link", json_string("ethernet"));
    if (config->tunnel_count != 0)
        set(object, "tunnels", encode_tunnels(config));
    if (config->vnet_len != usual.vnet_len)
        set(object, "vnet_len", json_integer(config->vnet_len));
    if (config->max_bytes != usual.max_bytes)
        set(object, "max_bytes", json_integer(config->max_bytes));
    if (config->fraglist)
        set(object, "fraglist", json_true());
    if (config->hash)
        set(object, "hash", json_true());
    return object;
}
