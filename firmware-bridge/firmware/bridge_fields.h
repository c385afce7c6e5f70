/* Made from protocol/fields.ts by `npm run bridge:fields`; a test compares. */
#ifndef BRIDGE_FIELDS_H
#define BRIDGE_FIELDS_H

#include <stdint.h>

#define BRIDGE_VERSION 1u
#define BRIDGE_MAX_FRAME 16384u
#define BRIDGE_DEFAULT_FRAME 4096u
#define BRIDGE_MIN_FRAME 128u
#define BRIDGE_FORM_MASK 3u
#define BRIDGE_ANSWERS_FLAG 4u
#define BRIDGE_NO_LIMIT 65535u
#define BRIDGE_HEADER_BYTES 8u
#define BRIDGE_CHECK_BYTES 4u
#define BRIDGE_SCHEMA 0x2e990b8bu

enum bridge_type {
    BRIDGE_HELLO = 0x01,
    BRIDGE_EVENTS = 0x02,
    BRIDGE_POINTS = 0x03,
    BRIDGE_VENDOR = 0x04,
    BRIDGE_RESULT = 0x05,
    BRIDGE_HEARTBEAT = 0x06,
    BRIDGE_ERROR = 0x07,
    BRIDGE_START = 0x81,
    BRIDGE_STOP = 0x82,
    BRIDGE_CREDIT = 0x83,
    BRIDGE_CONFIG = 0x84,
    BRIDGE_TIME = 0x85
};

enum bridge_events_form {
    BRIDGE_EVENTS_PLAIN = 0,
    BRIDGE_EVENTS_COMPACT = 1
};

enum bridge_points_form {
    BRIDGE_POINTS_POLAR = 0,
    BRIDGE_POINTS_CARTESIAN = 1
};

enum bridge_result_form {
    BRIDGE_RESULT_DECISION = 0,
    BRIDGE_RESULT_DETECTION = 1,
    BRIDGE_RESULT_LOGITS = 2
};

enum bridge_vendor_protocol {
    BRIDGE_VENDOR_EDVS = 1,
    BRIDGE_VENDOR_GENX320 = 2,
    BRIDGE_VENDOR_EVT2 = 3,
    BRIDGE_VENDOR_EVT3 = 4,
    BRIDGE_VENDOR_LD06 = 16,
    BRIDGE_VENDOR_RPLIDAR = 17,
    BRIDGE_VENDOR_YDLIDAR = 18,
    BRIDGE_VENDOR_TFMINI = 19,
    BRIDGE_VENDOR_HOKUYO = 20,
    BRIDGE_VENDOR_OTHER = 255
};

enum bridge_error_code {
    BRIDGE_ERROR_VERSION = 1,
    BRIDGE_ERROR_TYPE = 2,
    BRIDGE_ERROR_PAYLOAD = 3,
    BRIDGE_ERROR_SETTING = 4,
    BRIDGE_ERROR_SENSOR_ABSENT = 5,
    BRIDGE_ERROR_SENSOR_FAULT = 6
};

enum bridge_setting {
    BRIDGE_SETTING_HEARTBEAT_MS = 1,
    BRIDGE_SETTING_LATENCY_US = 2,
    BRIDGE_SETTING_BIAS = 256,
    BRIDGE_SETTING_OWN = 32768
};

/* How a struct's members go on the wire, in order: little-endian, packed. */
enum bridge_field_type {
    BRIDGE_U8,
    BRIDGE_U16,
    BRIDGE_I16,
    BRIDGE_U32,
    BRIDGE_I32,
    BRIDGE_TEXT24,
    BRIDGE_TEXT32
};
struct bridge_field {
    uint8_t type; /* enum bridge_field_type */
    uint8_t at;   /* offset in the struct */
};

/* hello: who I am: at reset, then every second until START, and in answer to STOP */
struct bridge_hello {
    uint8_t version; /* of this protocol: 1 */
    uint8_t sends; /* bit n set: frames of type n may come */
    uint16_t width; /* pixels; 0: no camera */
    uint16_t height; /* pixels; 0: no camera */
    uint16_t max_frame; /* bytes, longest frame that it sends, header to CRC */
    uint16_t max_receive; /* bytes, longest frame that it takes */
    uint32_t tick; /* ns, step of the clock */
    uint32_t schema; /* CRC-32 of the field tables it was built with */
    uint32_t firmware; /* its own version: major in bits 24..31, minor 16..23, patch 0..15 */
    uint32_t boot; /* differs after each reset */
    uint32_t uptime; /* ms, the clock of t0: floor(us / 1000) */
    char id[24]; /* serial number of the chip */
    char name[24]; /* for people */
};
#define BRIDGE_HELLO_BYTES 78u
#define BRIDGE_HELLO_FIELDS 13u
extern const struct bridge_field bridge_hello_fields[BRIDGE_HELLO_FIELDS];

/* events_plain_record: one record of it */
struct bridge_events_plain_record {
    uint16_t dt; /* us from t0, in any order */
    uint16_t x; /* pixels from the left */
    uint16_t yp; /* y, pixels from the top, in bits 0..14; polarity in bit 15, 1 ON */
};
#define BRIDGE_EVENTS_PLAIN_RECORD_BYTES 6u
#define BRIDGE_EVENTS_PLAIN_RECORD_FIELDS 3u
extern const struct bridge_field bridge_events_plain_record_fields[BRIDGE_EVENTS_PLAIN_RECORD_FIELDS];

/* events_compact_head: events of a camera */
struct bridge_events_compact_head {
    uint8_t word_bytes; /* 2, 3 or 4 */
    uint8_t x_bits; /* 1..15 */
    uint8_t y_bits; /* 1..15; 2 + xBits + yBits <= 8 * wordBytes */
    uint8_t zero; /* 0 */
};
#define BRIDGE_EVENTS_COMPACT_HEAD_BYTES 4u
#define BRIDGE_EVENTS_COMPACT_HEAD_FIELDS 4u
extern const struct bridge_field bridge_events_compact_head_fields[BRIDGE_EVENTS_COMPACT_HEAD_FIELDS];

/* points_polar_head: points of a LiDAR, at equal steps of time */
struct bridge_points_polar_head {
    uint32_t step; /* ns from one point to the next; the first is at t0 */
    uint16_t unit; /* um a count of length, 1..65535 */
};
#define BRIDGE_POINTS_POLAR_HEAD_BYTES 6u
#define BRIDGE_POINTS_POLAR_HEAD_FIELDS 2u
extern const struct bridge_field bridge_points_polar_head_fields[BRIDGE_POINTS_POLAR_HEAD_FIELDS];

/* points_polar_record: one record of it */
struct bridge_points_polar_record {
    uint16_t range; /* counts; 0: nothing seen */
    uint16_t angle; /* 0.01 degree, 0..35999, clockwise seen from above, 0 ahead */
    uint8_t intensity; /* 0..255 */
};
#define BRIDGE_POINTS_POLAR_RECORD_BYTES 5u
#define BRIDGE_POINTS_POLAR_RECORD_FIELDS 3u
extern const struct bridge_field bridge_points_polar_record_fields[BRIDGE_POINTS_POLAR_RECORD_FIELDS];

/* points_cartesian_head: points of a LiDAR, at equal steps of time */
struct bridge_points_cartesian_head {
    uint32_t step; /* ns from one point to the next; the first is at t0 */
    uint16_t unit; /* um a count of length, 1..65535 */
};
#define BRIDGE_POINTS_CARTESIAN_HEAD_BYTES 6u
#define BRIDGE_POINTS_CARTESIAN_HEAD_FIELDS 2u
extern const struct bridge_field bridge_points_cartesian_head_fields[BRIDGE_POINTS_CARTESIAN_HEAD_FIELDS];

/* points_cartesian_record: one record of it */
struct bridge_points_cartesian_record {
    int16_t x; /* counts, ahead */
    int16_t y; /* counts, to the left */
    int16_t z; /* counts, up */
    uint8_t intensity; /* 0..255 */
    uint8_t ring; /* laser, from below */
};
#define BRIDGE_POINTS_CARTESIAN_RECORD_BYTES 8u
#define BRIDGE_POINTS_CARTESIAN_RECORD_FIELDS 5u
extern const struct bridge_field bridge_points_cartesian_record_fields[BRIDGE_POINTS_CARTESIAN_RECORD_FIELDS];

/* vendor_head: bytes of a sensor's own protocol, as they came; t0 is when the first did */
struct bridge_vendor_head {
    uint8_t protocol; /* whose bytes */
    uint8_t port; /* which of the device's ports */
    uint16_t span; /* us from the first byte to the last */
};
#define BRIDGE_VENDOR_HEAD_BYTES 4u
#define BRIDGE_VENDOR_HEAD_FIELDS 3u
extern const struct bridge_field bridge_vendor_head_fields[BRIDGE_VENDOR_HEAD_FIELDS];

/* vendor_record: one record of it */
struct bridge_vendor_record {
    uint8_t byte; /* as it came */
};
#define BRIDGE_VENDOR_RECORD_BYTES 1u
#define BRIDGE_VENDOR_RECORD_FIELDS 1u
extern const struct bridge_field bridge_vendor_record_fields[BRIDGE_VENDOR_RECORD_FIELDS];

/* result_decision_record: one record of it */
struct bridge_result_decision_record {
    uint32_t start; /* us from t0 to the window's start */
    uint32_t span; /* us, the window's length */
    uint8_t kind; /* 0 new, 1 update, 2 end, 3 once */
    uint8_t model; /* which of the device's networks */
    uint16_t label; /* index into the network's labels */
    uint16_t score; /* per mille, 0..1000 */
};
#define BRIDGE_RESULT_DECISION_RECORD_BYTES 14u
#define BRIDGE_RESULT_DECISION_RECORD_FIELDS 6u
extern const struct bridge_field bridge_result_decision_record_fields[BRIDGE_RESULT_DECISION_RECORD_FIELDS];

/* result_detection_record: one record of it */
struct bridge_result_detection_record {
    uint32_t start; /* us from t0 to the window's start */
    uint32_t span; /* us, the window's length */
    uint8_t kind; /* 0 new, 1 update, 2 end, 3 once */
    uint8_t model; /* which of the device's networks */
    uint16_t label; /* index into the network's labels */
    uint16_t score; /* per mille, 0..1000 */
    int16_t x; /* pixels, left edge */
    int16_t y; /* pixels, top edge */
    uint16_t width; /* pixels */
    uint16_t height; /* pixels */
};
#define BRIDGE_RESULT_DETECTION_RECORD_BYTES 22u
#define BRIDGE_RESULT_DETECTION_RECORD_FIELDS 10u
extern const struct bridge_field bridge_result_detection_record_fields[BRIDGE_RESULT_DETECTION_RECORD_FIELDS];

/* result_logits_head: what a network on the device says */
struct bridge_result_logits_head {
    uint32_t start; /* us from t0 to the window's start */
    uint32_t span; /* us, the window's length */
    uint32_t window; /* windows before this one since reset */
    uint32_t events; /* of the window */
    uint32_t infer; /* us that the engine took for it */
    uint32_t identity; /* of the network: word 13 of its plan */
    uint8_t model; /* which of the device's networks */
};
#define BRIDGE_RESULT_LOGITS_HEAD_BYTES 25u
#define BRIDGE_RESULT_LOGITS_HEAD_FIELDS 7u
extern const struct bridge_field bridge_result_logits_head_fields[BRIDGE_RESULT_LOGITS_HEAD_FIELDS];

/* result_logits_record: one record of it */
struct bridge_result_logits_record {
    int32_t logit; /* of the label with this number */
};
#define BRIDGE_RESULT_LOGITS_RECORD_BYTES 4u
#define BRIDGE_RESULT_LOGITS_RECORD_FIELDS 1u
extern const struct bridge_field bridge_result_logits_record_fields[BRIDGE_RESULT_LOGITS_RECORD_FIELDS];

/* heartbeat: every second at least, and in answer to TIME (then flags bit 2 is set); counters run from reset and wrap at 2^32 */
struct bridge_heartbeat {
    uint32_t boot; /* as in HELLO */
    uint32_t frames; /* frames sent before this one */
    uint32_t uptime; /* ms, the clock of t0: floor(us / 1000) */
    uint32_t items; /* events, points, bytes and results in frames sent */
    uint32_t lost_sensor; /* items that the sensor or its driver lost */
    uint32_t lost_ring; /* items dropped because the ring was full */
    uint32_t lost_credit; /* items dropped because the host gave no credit */
    uint32_t received; /* good frames from the host */
    uint32_t damaged; /* packets from the host that were no good frame */
    uint16_t answers; /* seq of the TIME that this answers */
    uint16_t credit; /* frames it may still send; 65535: no limit */
    uint8_t streaming; /* 1 after START, 0 after STOP */
};
#define BRIDGE_HEARTBEAT_BYTES 41u
#define BRIDGE_HEARTBEAT_FIELDS 12u
extern const struct bridge_field bridge_heartbeat_fields[BRIDGE_HEARTBEAT_FIELDS];

/* error: the device could not do something; it goes on */
struct bridge_error {
    uint16_t code; /* what happened */
    uint16_t about; /* the type or key that it is about */
    char text[32]; /* for people */
};
#define BRIDGE_ERROR_BYTES 36u
#define BRIDGE_ERROR_FIELDS 3u
extern const struct bridge_field bridge_error_fields[BRIDGE_ERROR_FIELDS];

/* start: stream */
struct bridge_start {
    uint8_t version; /* of this protocol: 1 */
    uint8_t form; /* wished form of EVENTS */
    uint8_t wants; /* bit n set: send frames of type n */
    uint8_t flow; /* 0 send freely, 1 obey credit */
    uint16_t max_frame; /* bytes, longest frame that the host takes */
    uint16_t limit; /* as in CREDIT */
};
#define BRIDGE_START_BYTES 8u
#define BRIDGE_START_FIELDS 6u
extern const struct bridge_field bridge_start_fields[BRIDGE_START_FIELDS];

/* credit: how far the device may send */
struct bridge_credit {
    uint16_t limit; /* data frames with seq before this may go: at most 32767 ahead */
};
#define BRIDGE_CREDIT_BYTES 2u
#define BRIDGE_CREDIT_FIELDS 1u
extern const struct bridge_field bridge_credit_fields[BRIDGE_CREDIT_FIELDS];

/* config_record: one record of it */
struct bridge_config_record {
    uint16_t key; /* which setting */
    int32_t value; /* its value */
};
#define BRIDGE_CONFIG_RECORD_BYTES 6u
#define BRIDGE_CONFIG_RECORD_FIELDS 2u
extern const struct bridge_field bridge_config_record_fields[BRIDGE_CONFIG_RECORD_FIELDS];

/* time: the host's time; the device's clock is not set by it */
struct bridge_time {
    uint32_t low; /* us since 1970, low half */
    uint32_t high; /* us since 1970, high half */
};
#define BRIDGE_TIME_BYTES 8u
#define BRIDGE_TIME_FIELDS 2u
extern const struct bridge_field bridge_time_fields[BRIDGE_TIME_FIELDS];

#endif
