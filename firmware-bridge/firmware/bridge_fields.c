/* Made from protocol/fields.ts by `npm run bridge:fields`; a test compares. */
#include "bridge_fields.h"

#include <stddef.h>

const struct bridge_field bridge_hello_fields[BRIDGE_HELLO_FIELDS] = {
    {BRIDGE_U8, offsetof(struct bridge_hello, version)},
    {BRIDGE_U8, offsetof(struct bridge_hello, sends)},
    {BRIDGE_U16, offsetof(struct bridge_hello, width)},
    {BRIDGE_U16, offsetof(struct bridge_hello, height)},
    {BRIDGE_U16, offsetof(struct bridge_hello, max_frame)},
    {BRIDGE_U16, offsetof(struct bridge_hello, max_receive)},
    {BRIDGE_U32, offsetof(struct bridge_hello, tick)},
    {BRIDGE_U32, offsetof(struct bridge_hello, schema)},
    {BRIDGE_U32, offsetof(struct bridge_hello, firmware)},
    {BRIDGE_U32, offsetof(struct bridge_hello, boot)},
    {BRIDGE_U32, offsetof(struct bridge_hello, uptime)},
    {BRIDGE_TEXT24, offsetof(struct bridge_hello, id)},
    {BRIDGE_TEXT24, offsetof(struct bridge_hello, name)}
};

const struct bridge_field bridge_events_plain_record_fields[BRIDGE_EVENTS_PLAIN_RECORD_FIELDS] = {
    {BRIDGE_U16, offsetof(struct bridge_events_plain_record, dt)},
    {BRIDGE_U16, offsetof(struct bridge_events_plain_record, x)},
    {BRIDGE_U16, offsetof(struct bridge_events_plain_record, yp)}
};

const struct bridge_field bridge_events_compact_head_fields[BRIDGE_EVENTS_COMPACT_HEAD_FIELDS] = {
    {BRIDGE_U8, offsetof(struct bridge_events_compact_head, word_bytes)},
    {BRIDGE_U8, offsetof(struct bridge_events_compact_head, x_bits)},
    {BRIDGE_U8, offsetof(struct bridge_events_compact_head, y_bits)},
    {BRIDGE_U8, offsetof(struct bridge_events_compact_head, zero)}
};

const struct bridge_field bridge_points_polar_head_fields[BRIDGE_POINTS_POLAR_HEAD_FIELDS] = {
    {BRIDGE_U32, offsetof(struct bridge_points_polar_head, step)},
    {BRIDGE_U16, offsetof(struct bridge_points_polar_head, unit)}
};

const struct bridge_field bridge_points_polar_record_fields[BRIDGE_POINTS_POLAR_RECORD_FIELDS] = {
    {BRIDGE_U16, offsetof(struct bridge_points_polar_record, range)},
    {BRIDGE_U16, offsetof(struct bridge_points_polar_record, angle)},
    {BRIDGE_U8, offsetof(struct bridge_points_polar_record, intensity)}
};

const struct bridge_field bridge_points_cartesian_head_fields[BRIDGE_POINTS_CARTESIAN_HEAD_FIELDS] = {
    {BRIDGE_U32, offsetof(struct bridge_points_cartesian_head, step)},
    {BRIDGE_U16, offsetof(struct bridge_points_cartesian_head, unit)}
};

const struct bridge_field bridge_points_cartesian_record_fields[BRIDGE_POINTS_CARTESIAN_RECORD_FIELDS] = {
    {BRIDGE_I16, offsetof(struct bridge_points_cartesian_record, x)},
    {BRIDGE_I16, offsetof(struct bridge_points_cartesian_record, y)},
    {BRIDGE_I16, offsetof(struct bridge_points_cartesian_record, z)},
    {BRIDGE_U8, offsetof(struct bridge_points_cartesian_record, intensity)},
    {BRIDGE_U8, offsetof(struct bridge_points_cartesian_record, ring)}
};

const struct bridge_field bridge_vendor_head_fields[BRIDGE_VENDOR_HEAD_FIELDS] = {
    {BRIDGE_U8, offsetof(struct bridge_vendor_head, protocol)},
    {BRIDGE_U8, offsetof(struct bridge_vendor_head, port)},
    {BRIDGE_U16, offsetof(struct bridge_vendor_head, span)}
};

const struct bridge_field bridge_vendor_record_fields[BRIDGE_VENDOR_RECORD_FIELDS] = {
    {BRIDGE_U8, offsetof(struct bridge_vendor_record, byte)}
};

const struct bridge_field bridge_result_decision_record_fields[BRIDGE_RESULT_DECISION_RECORD_FIELDS] = {
    {BRIDGE_U32, offsetof(struct bridge_result_decision_record, start)},
    {BRIDGE_U32, offsetof(struct bridge_result_decision_record, span)},
    {BRIDGE_U8, offsetof(struct bridge_result_decision_record, kind)},
    {BRIDGE_U8, offsetof(struct bridge_result_decision_record, model)},
    {BRIDGE_U16, offsetof(struct bridge_result_decision_record, label)},
    {BRIDGE_U16, offsetof(struct bridge_result_decision_record, score)}
};

const struct bridge_field bridge_result_detection_record_fields[BRIDGE_RESULT_DETECTION_RECORD_FIELDS] = {
    {BRIDGE_U32, offsetof(struct bridge_result_detection_record, start)},
    {BRIDGE_U32, offsetof(struct bridge_result_detection_record, span)},
    {BRIDGE_U8, offsetof(struct bridge_result_detection_record, kind)},
    {BRIDGE_U8, offsetof(struct bridge_result_detection_record, model)},
    {BRIDGE_U16, offsetof(struct bridge_result_detection_record, label)},
    {BRIDGE_U16, offsetof(struct bridge_result_detection_record, score)},
    {BRIDGE_I16, offsetof(struct bridge_result_detection_record, x)},
    {BRIDGE_I16, offsetof(struct bridge_result_detection_record, y)},
    {BRIDGE_U16, offsetof(struct bridge_result_detection_record, width)},
    {BRIDGE_U16, offsetof(struct bridge_result_detection_record, height)}
};

const struct bridge_field bridge_result_logits_head_fields[BRIDGE_RESULT_LOGITS_HEAD_FIELDS] = {
    {BRIDGE_U32, offsetof(struct bridge_result_logits_head, start)},
    {BRIDGE_U32, offsetof(struct bridge_result_logits_head, span)},
    {BRIDGE_U32, offsetof(struct bridge_result_logits_head, window)},
    {BRIDGE_U32, offsetof(struct bridge_result_logits_head, events)},
    {BRIDGE_U32, offsetof(struct bridge_result_logits_head, infer)},
    {BRIDGE_U32, offsetof(struct bridge_result_logits_head, identity)},
    {BRIDGE_U8, offsetof(struct bridge_result_logits_head, model)}
};

const struct bridge_field bridge_result_logits_record_fields[BRIDGE_RESULT_LOGITS_RECORD_FIELDS] = {
    {BRIDGE_I32, offsetof(struct bridge_result_logits_record, logit)}
};

const struct bridge_field bridge_heartbeat_fields[BRIDGE_HEARTBEAT_FIELDS] = {
    {BRIDGE_U32, offsetof(struct bridge_heartbeat, boot)},
    {BRIDGE_U32, offsetof(struct bridge_heartbeat, frames)},
    {BRIDGE_U32, offsetof(struct bridge_heartbeat, uptime)},
    {BRIDGE_U32, offsetof(struct bridge_heartbeat, items)},
    {BRIDGE_U32, offsetof(struct bridge_heartbeat, lost_sensor)},
    {BRIDGE_U32, offsetof(struct bridge_heartbeat, lost_ring)},
    {BRIDGE_U32, offsetof(struct bridge_heartbeat, lost_credit)},
    {BRIDGE_U32, offsetof(struct bridge_heartbeat, received)},
    {BRIDGE_U32, offsetof(struct bridge_heartbeat, damaged)},
    {BRIDGE_U16, offsetof(struct bridge_heartbeat, answers)},
    {BRIDGE_U16, offsetof(struct bridge_heartbeat, credit)},
    {BRIDGE_U8, offsetof(struct bridge_heartbeat, streaming)}
};

const struct bridge_field bridge_error_fields[BRIDGE_ERROR_FIELDS] = {
    {BRIDGE_U16, offsetof(struct bridge_error, code)},
    {BRIDGE_U16, offsetof(struct bridge_error, about)},
    {BRIDGE_TEXT32, offsetof(struct bridge_error, text)}
};

const struct bridge_field bridge_start_fields[BRIDGE_START_FIELDS] = {
    {BRIDGE_U8, offsetof(struct bridge_start, version)},
    {BRIDGE_U8, offsetof(struct bridge_start, form)},
    {BRIDGE_U8, offsetof(struct bridge_start, wants)},
    {BRIDGE_U8, offsetof(struct bridge_start, flow)},
    {BRIDGE_U16, offsetof(struct bridge_start, max_frame)},
    {BRIDGE_U16, offsetof(struct bridge_start, limit)}
};

const struct bridge_field bridge_credit_fields[BRIDGE_CREDIT_FIELDS] = {
    {BRIDGE_U16, offsetof(struct bridge_credit, limit)}
};

const struct bridge_field bridge_config_record_fields[BRIDGE_CONFIG_RECORD_FIELDS] = {
    {BRIDGE_U16, offsetof(struct bridge_config_record, key)},
    {BRIDGE_I32, offsetof(struct bridge_config_record, value)}
};

const struct bridge_field bridge_time_fields[BRIDGE_TIME_FIELDS] = {
    {BRIDGE_U32, offsetof(struct bridge_time, low)},
    {BRIDGE_U32, offsetof(struct bridge_time, high)}
};
