/*
 * Saccade's bridge for microcontrollers: events, points and bytes of a sensor to the host, over any line of bytes.
 * C99; no allocation, nothing of libc but string.h. PROTOCOL.md says what is on the wire.
 *
 * Two layers. bridge_writer, bridge_reader and bridge_events are the codec alone. bridge_device is a whole device on top of it:
 * handshake, credit, heartbeat and counters. Between an interrupt and the main loop stands bridge_ring.
 * No function here may be called from two contexts at once, but those of bridge_ring as its comment says.
 */
#ifndef BRIDGE_H
#define BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge_fields.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes on the wire of a frame of n bytes, at most: stuffing, and a zero at both ends. */
#define BRIDGE_WIRE_BYTES(n) ((n) + (n) / 254u + 3u)

/* CRC-32/ISO-HDLC, half a byte at a time: 64 bytes of table. Start with 0; feed what comes next with what came back. */
uint32_t bridge_crc32(uint32_t crc, const uint8_t *bytes, size_t n);

/* ---- frames out: stuffed as they are written, in one buffer ---- */

struct bridge_writer {
    uint8_t *wire;     /* the frame on the wire */
    size_t max_frame;  /* bytes, header to CRC */
    size_t wire_bytes; /* written so far */
    size_t code_at;    /* where the open block's code goes */
    size_t raw_bytes;  /* before stuffing */
    uint32_t crc;
    uint32_t sent; /* frames closed since reset, modulo 2^32 */
};

/* wire: BRIDGE_WIRE_BYTES(max_frame) bytes. max_frame: BRIDGE_MIN_FRAME .. BRIDGE_MAX_FRAME. */
void bridge_writer_init(struct bridge_writer *writer, uint8_t *wire, size_t max_frame);
/* Opens a frame. What was open is forgotten. */
void bridge_begin(struct bridge_writer *writer, uint8_t type, uint8_t flags, uint32_t t0);
/* Payload bytes that still fit. */
size_t bridge_room(const struct bridge_writer *writer);
/* The caller has made sure of the room. */
void bridge_put(struct bridge_writer *writer, const uint8_t *bytes, size_t n);
/* `bytes` little-endian bytes of a number, 1 .. 4. */
void bridge_put_number(struct bridge_writer *writer, uint32_t value, unsigned bytes);
/* A struct of bridge_fields.h: bridge_put_fields(w, bridge_hello_fields, BRIDGE_HELLO_FIELDS, &hello). */
void bridge_put_fields(struct bridge_writer *writer, const struct bridge_field *fields, size_t n, const void *values);
/* Closes the frame. Returns how many bytes of `wire` to send. */
size_t bridge_end(struct bridge_writer *writer);

/* ---- frames in ---- */

struct bridge_frame {
    uint8_t type, flags;
    uint16_t seq;
    uint32_t t0;
    const uint8_t *payload; /* valid until the reader reads on */
    size_t payload_bytes;
};

/* Packets, by what they were. Empty ones, as between two frames, are none. */
struct bridge_counters {
    uint32_t good;
    uint32_t too_long;  /* longer than the reader's buffer */
    uint32_t not_cobs;  /* the stuffing does not end where the packet does */
    uint32_t too_short; /* shorter than a header and a CRC */
    uint32_t bad_crc;
};

struct bridge_reader {
    uint8_t *bytes;     /* the frame, unstuffed as it comes */
    size_t capacity;
    size_t length;
    uint8_t block;      /* bytes that the open block still holds */
    bool zero_due;      /* a zero follows the open block, if another block does */
    bool begun, overflown;
    struct bridge_frame frame;
    struct bridge_counters counters;
};

/* bytes: room for the longest frame that is taken, header to CRC. */
void bridge_reader_init(struct bridge_reader *reader, uint8_t *bytes, size_t capacity);
/* Takes one byte. True when it ended a good frame: it is in reader->frame. */
bool bridge_read_byte(struct bridge_reader *reader, uint8_t byte);
/* Reads a struct of bridge_fields.h from `at` on. False when the payload ends before it. */
bool bridge_get_fields(const struct bridge_frame *frame, size_t at, const struct bridge_field *fields, size_t n, void *values);

/* ---- events ---- */

struct bridge_event {
    uint32_t t; /* us, the device's clock; wraps */
    uint16_t x, y;
    uint8_t p; /* 0 OFF, 1 ON */
};

/* word_bytes 0: plain, any sensor up to 65535 x 32768. 2, 3 or 4: compact words; PROTOCOL.md says how to choose. */
struct bridge_word_form {
    uint8_t word_bytes, x_bits, y_bits;
};

/* The smallest compact words that leave at least time_bits bits for the time, or plain. time_bits 1 .. 16, width and height 1 .. 32768. */
struct bridge_word_form bridge_choose_form(uint32_t width, uint32_t height, unsigned time_bits);

struct bridge_events {
    struct bridge_writer *writer;
    struct bridge_word_form form;
    uint16_t held; /* events in the open frame */
    uint32_t t0, before;
};

void bridge_events_init(struct bridge_events *events, struct bridge_writer *writer, struct bridge_word_form form);
/* Takes an event into the open frame. False when the frame is full: flush it and add again. Compact: bits above x_bits, y_bits are lost. */
bool bridge_events_add(struct bridge_events *events, const struct bridge_event *event);
/* Closes the open frame. Returns how many bytes of the writer's wire to send; 0 when it holds no event. */
size_t bridge_events_flush(struct bridge_events *events);

/* Walks the events of a frame. */
struct bridge_events_reader {
    const uint8_t *at, *end;
    struct bridge_word_form form;
    uint32_t t0, now;
};

/* False when the payload is not of its form; then no event of it may be used. */
bool bridge_events_open(struct bridge_events_reader *reader, const struct bridge_frame *frame);
/* False at the end. */
bool bridge_events_next(struct bridge_events_reader *reader, struct bridge_event *event);

/* ---- ring ---- */

/*
 * Bytes from one context to another: one writes (an interrupt), one reads (the main loop), or the other way round. Neither ever waits.
 * Each index is written by one side alone; on a core with more than one bus master or core, the fences order them.
 */
struct bridge_ring {
    uint8_t *bytes;
    uint32_t mask;  /* capacity - 1 */
    uint32_t wrote; /* written by the writing side alone; counts bytes, wraps at 2^32 */
    uint32_t took;  /* written by the reading side alone */
};

/* capacity: a power of two up to 2^31. */
void bridge_ring_init(struct bridge_ring *ring, uint8_t *bytes, uint32_t capacity);
/* Writing side. All n bytes, or none and false. */
bool bridge_ring_put(struct bridge_ring *ring, const void *bytes, uint32_t n);
/* Reading side. All n bytes, or none and false. */
bool bridge_ring_get(struct bridge_ring *ring, void *bytes, uint32_t n);
/* Reading side. Where the oldest bytes are and how many lie in one piece, for DMA: bridge_ring_drop gives them back. */
uint32_t bridge_ring_peek(const struct bridge_ring *ring, const uint8_t **bytes);
void bridge_ring_drop(struct bridge_ring *ring, uint32_t n);
/* Either side. Bytes that wait; the other side may change it at any time, in its own direction only. */
uint32_t bridge_ring_used(const struct bridge_ring *ring);

/* ---- device ---- */

/* What a device is made of. */
struct bridge_board {
    /* Sends n bytes, all or none; false when the line's buffer is full. Never waits. */
    bool (*send)(void *context, const uint8_t *bytes, size_t n);
    /* A setting of CONFIG that is the sensor's own. False when it is not known. May be NULL. */
    bool (*configure)(void *context, uint16_t key, int32_t value);
    void *context;
};

struct bridge_device {
    struct bridge_board board;
    struct bridge_writer writer;
    struct bridge_reader reader;
    struct bridge_events events;
    struct bridge_hello hello;
    struct bridge_heartbeat status;
    struct bridge_word_form compact; /* what START's form 1 means here */
    size_t max_frame;
    size_t pending;             /* bytes of a closed frame that the line did not take yet */
    uint32_t pending_items;
    uint8_t wants;
    bool limited;               /* START asked for credit */
    bool hello_due, heartbeat_due, answer_due;
    uint32_t now, wraps;        /* us, and how often they wrapped */
    uint32_t spoke_at, held_at; /* us, of the last heartbeat or HELLO, and of the open frame's first event */
    uint32_t heartbeat_us, latency_us;
};

/*
 * hello: all but `version`, `schema`, `max_frame`, `max_receive`, `uptime` is the caller's. now: us.
 * wire: BRIDGE_WIRE_BYTES(max_frame) bytes; inbox: max_receive bytes, at least BRIDGE_MIN_FRAME each.
 */
void bridge_device_init(struct bridge_device *device, const struct bridge_board *board, const struct bridge_hello *hello,
                        uint8_t *wire, size_t max_frame, uint8_t *inbox, size_t max_receive, uint32_t now);
/* Bytes of the host. Replies at once. */
void bridge_device_receive(struct bridge_device *device, uint32_t now, const uint8_t *bytes, size_t n);
/* Call it at least every 10 ms: heartbeat, HELLO, events that have waited long enough. */
void bridge_device_poll(struct bridge_device *device, uint32_t now);
/* An event. False when it is dropped, which is counted, or when the host does not want events, which is not. */
bool bridge_device_event(struct bridge_device *device, const struct bridge_event *event);
/* Bytes of another protocol that began at t0 and took `span` us. As bridge_device_event; bytes that do not fit one frame are dropped. */
bool bridge_device_vendor(struct bridge_device *device, uint8_t protocol, uint8_t port, uint32_t t0, uint16_t span,
                          const uint8_t *bytes, size_t n);
/* Points of a plane. As bridge_device_event; points that do not fit one frame are dropped. */
bool bridge_device_polar(struct bridge_device *device, uint32_t t0, const struct bridge_points_polar_head *head,
                         const struct bridge_points_polar_record *points, size_t n);
/* What a network on the device has decided: n results. As bridge_device_event. */
bool bridge_device_decisions(struct bridge_device *device, uint32_t t0, const struct bridge_result_decision_record *decisions, size_t n);
/* A window's logits, n of them: the host gives them labels, and votes. One result. As bridge_device_event. */
bool bridge_device_logits(struct bridge_device *device, uint32_t t0, const struct bridge_result_logits_head *head, const int32_t *logits, size_t n);
/* Items that the sensor or its driver lost: the next heartbeat says so. */
void bridge_device_lost(struct bridge_device *device, uint32_t items);
/* Says that something went wrong; the text is cut to 32 bytes. */
void bridge_device_error(struct bridge_device *device, uint16_t code, uint16_t about, const char *text);

#ifdef __cplusplus
}
#endif

#endif
