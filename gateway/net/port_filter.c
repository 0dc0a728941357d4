#include "net/port_filter.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>

/* Where jumps lead; a jump to a label is written as NONE + label and set right at the end. */
enum label { NEXT, PASS, IPV6, PORTS, OTHER_WAY, ACCEPT, REJECT, LABELS };

enum { SOURCE, DESTINATION, HEADERS }; /* words of the filter's scratch memory */

struct assembler {
    struct port_filter *filter;
    uint16_t labels[LABELS];
    struct {
        uint8_t yes, no; /* enum label */
    } jumps[PORT_FILTER_SIZE];
};

static void emit(struct assembler *to, uint16_t code, uint32_t operand, enum label yes,
                 enum label no)
{
    uint16_t at = to->filter->length++;
    to->filter->code[at] = (struct sock_filter){.code = code, .k = operand};
    to->jumps[at].yes = (uint8_t)yes;
    to->jumps[at].no = (uint8_t)no;
}

static void load(struct assembler *to, uint16_t size_and_mode, uint32_t offset)
{
    emit(to, BPF_LD | size_and_mode, offset, NEXT, NEXT);
}

static void step(struct assembler *to, uint16_t code, uint32_t operand)
{
    emit(to, code, operand, NEXT, NEXT);
}

static void jump(struct assembler *to, uint16_t condition, uint32_t operand, enum label yes,
                 enum label no)
{
    emit(to, BPF_JMP | condition | BPF_K, operand, yes, no);
}

static void place(struct assembler *to, enum label label)
{
    to->labels[label] = to->filter->length;
}

/* Ports and the length of both headers go into the scratch memory. */
static void read_ipv4(struct assembler *to)
{
    load(to, BPF_B | BPF_ABS, 9);
    jump(to, BPF_JEQ, IPPROTO_TCP, NEXT, REJECT);
    load(to, BPF_H | BPF_ABS, 6);
    jump(to, BPF_JSET, 0x1fff, REJECT, NEXT); /* not the first fragment: no TCP header in it */
    step(to, BPF_LDX | BPF_B | BPF_MSH, 0);
    load(to, BPF_H | BPF_IND, 0);
    step(to, BPF_ST, SOURCE);
    load(to, BPF_H | BPF_IND, 2);
    step(to, BPF_ST, DESTINATION);
    load(to, BPF_B | BPF_IND, 12);
    step(to, BPF_ALU | BPF_AND | BPF_K, 0xf0);
    step(to, BPF_ALU | BPF_RSH | BPF_K, 2);
    step(to, BPF_ALU | BPF_ADD | BPF_X, 0);
    step(to, BPF_ST, HEADERS);
    emit(to, BPF_JMP | BPF_JA, PORTS, NEXT, NEXT);
}

static void read_ipv6(struct assembler *to)
{
    load(to, BPF_B | BPF_ABS, 6);
    jump(to, BPF_JEQ, IPPROTO_TCP, NEXT, REJECT);
    load(to, BPF_H | BPF_ABS, 40);
    step(to, BPF_ST, SOURCE);
    load(to, BPF_H | BPF_ABS, 42);
    step(to, BPF_ST, DESTINATION);
    load(to, BPF_B | BPF_ABS, 52);
    step(to, BPF_ALU | BPF_AND | BPF_K, 0xf0);
    step(to, BPF_ALU | BPF_RSH | BPF_K, 2);
    step(to, BPF_ALU | BPF_ADD | BPF_K, 40);
    step(to, BPF_ST, HEADERS);
}

/* On loopback every packet passes twice, on its way out and on its way in: once is enough. */
static void refuse_echo(struct assembler *to)
{
    load(to, BPF_H | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_HATYPE));
    jump(to, BPF_JEQ, ARPHRD_LOOPBACK, NEXT, PASS);
    load(to, BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE));
    jump(to, BPF_JEQ, PACKET_OUTGOING, REJECT, NEXT);
    place(to, PASS);
}

/* Accepts when the port in `word` is one of ours. */
static void compare(struct assembler *to, uint32_t word, const uint16_t *ports, size_t count)
{
    step(to, BPF_LD | BPF_MEM, word);
    for (size_t i = 0; i < count; i++)
        jump(to, BPF_JEQ, ports[i], ACCEPT, NEXT);
}

static void choose(struct assembler *to, const uint16_t *ports, size_t count, uint16_t peer_port)
{
    if (peer_port) {
        step(to, BPF_LD | BPF_MEM, SOURCE);
        jump(to, BPF_JEQ, peer_port, NEXT, OTHER_WAY);
    }
    compare(to, DESTINATION, ports, count);
    place(to, OTHER_WAY);
    if (peer_port) {
        step(to, BPF_LD | BPF_MEM, DESTINATION);
        jump(to, BPF_JEQ, peer_port, NEXT, REJECT);
    }
    compare(to, SOURCE, ports, count);
}

/* Jumps are relative to the instruction behind them. */
static uint8_t distance(const struct assembler *to, uint16_t at, uint8_t label)
{
    return label == NEXT ? 0 : (uint8_t)(to->labels[label] - at - 1);
}

static void link_jumps(struct assembler *to)
{
    for (uint16_t at = 0; at < to->filter->length; at++) {
        struct sock_filter *code = &to->filter->code[at];
        if (code->code == (BPF_JMP | BPF_JA)) {
            code->k = (uint32_t)(to->labels[code->k] - at - 1);
        } else {
            code->jt = distance(to, at, to->jumps[at].yes);
            code->jf = distance(to, at, to->jumps[at].no);
        }
    }
}

int port_filter_make(const uint16_t *ports, size_t count, uint16_t peer_port,
                     struct port_filter *ret_filter)
{
    if (count > PORT_FILTER_PORTS_MAX)
        return -E2BIG;
    struct assembler to = {.filter = ret_filter};
    ret_filter->length = 0;
    refuse_echo(&to);
    load(&to, BPF_H | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
    jump(&to, BPF_JEQ, ETH_P_IP, NEXT, IPV6);
    read_ipv4(&to);
    place(&to, IPV6);
    jump(&to, BPF_JEQ, ETH_P_IPV6, NEXT, REJECT);
    read_ipv6(&to);
    place(&to, PORTS);
    choose(&to, ports, count, peer_port);
    emit(&to, BPF_JMP | BPF_JA, REJECT, NEXT, NEXT);
    place(&to, ACCEPT); /* before REJECT: the kernel's check of the scratch memory wants it so */
    step(&to, BPF_LD | BPF_MEM, HEADERS);
    step(&to, BPF_RET | BPF_A, 0);
    place(&to, REJECT);
    step(&to, BPF_RET | BPF_K, 0);
    link_jumps(&to);
    return 0;
}
