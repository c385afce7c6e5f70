/* The recording of camera_recording.c: the file recording.bridge, found by the assembler's -I. */
    .section .rodata.recording, "a"
    .global recording_begin, recording_end
recording_begin:
    .incbin "recording.bridge"
recording_end:
