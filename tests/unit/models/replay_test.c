/* Replays: every frame of a capture is accounted for, on the path of its direction. */
#include <sys/stat.h>

#include "models/traffic/arrival/arrivals.h"
#include "tests/unit/models/source_fixture.h"

static struct traffic_config replay(const char *file, int oversize)
{
    struct traffic_config config = traffic_defaults();
    free(config.arrival.config);
    config.arrival = variant_of(&arrival_family, "replay");
    struct replay_config *own = config.arrival.config;
    own->file = file;
    own->oversize = oversize;
    return config;
}

Test(replay, tells_what_does_not_apply_to_a_replay)
{
    struct traffic_config config =
        replay(IOVSIM_SOURCE_DIR "/tests/bad/captures/captured_beyond_snap.pcap", 0);
    cr_assert_str_eq(check_config(&config).text, "");
    config.rate = 1;
    config.window = 1;
    config.direction = TRAFFIC_REQUEST_RESPONSE;
    cr_assert_str_eq(check_config(&config).text,
                     "direction: a replay sends and receives frames, it makes no requests; "
                     "rate: does not apply to a replay: the capture decides (see `arrival.speedup`); "
                     "window: does not apply to a replay: the capture decides (see `arrival.speedup`)");
    free_variants(&config);
}

Test(replay, a_replay_that_cannot_be_read_offers_nothing)
{
    struct traffic_config config = replay("/nonexistent/x.pcap", 0);
    bench_start(&config, 0, &bench.reverse);
    cr_assert_str_eq(source_error(bench.source), "No such file or directory");
    sim_run(bench.sim, SIM_SECOND);
    cr_assert_eq(bench.path.total.offered, 0);
    bench_stop(&config);
}

static struct source_frames frames_now(void)
{
    struct source_frames frames;
    cr_assert(source_frames(bench.source, &frames));
    cr_assert_eq(frames.frames,
                 frames.offered[0] + frames.offered[1] + frames.pending + source_skipped(bench.source));
    return frames;
}

/* Ends everything that the application was handed, so that what is delivered can be counted. */
static void end_all(void)
{
    while (bench.queue.head)
        end_packet(true);
}

static void save_mixed(char path[32])
{
    struct image image;
    const uint8_t runt[10] = {0};
    image_begin(&image, STAMPS_MICRO, 65535);
    image_udp(&image, 0, 0, 1, 2, 100);
    image_udp(&image, 0, 10, 2, 1, 42);
    image_frame(&image, 0, 15, runt, sizeof(runt), 10);
    image_udp(&image, 0, 20, 1, 2, 4519);
    image_udp(&image, 0, 30, 2, 1, 4519);
    image_udp(&image, 1, 0, 1, 2, 60);
    image_save(&image, path);
}

Test(replay, a_replay_sends_each_direction_on_its_path)
{
    char path[32];
    save_mixed(path);
    struct traffic_config config = replay(path, REPLAY_SEGMENT);
    bench_start(&config, 65536, &bench.reverse);
    sim_run(bench.sim, SIM_MS);
    struct source_frames frames = frames_now();
    cr_assert_eq(frames.frames, 6);
    cr_assert_eq(frames.offered[PACKET_TRANSMIT], 2);
    cr_assert_eq(frames.offered[PACKET_RECEIVE], 2);
    cr_assert_eq(frames.skipped[CAPTURE_SHORT], 1);
    cr_assert_eq(frames.pending, 1);
    cr_assert_eq(bench.path.total.offered, 1 + 4); /* 4519 bytes: 4 frames */
    cr_assert_eq(bench.reverse.total.offered, 1 + 4);
    cr_assert_eq(bench.notes[0].when, 0);
    cr_assert_eq(bench.notes[1].length, 60); /* padded */
    cr_assert_eq(bench.notes[1].when, 10 * SIM_US + 72 * 800);
    sim_run(bench.sim, 2 * SIM_SECOND);
    cr_assert_eq(frames_now().pending, 0);
    cr_assert_eq(bench.path.total.offered, 6);
    bench_stop(&config);
    unlink(path);
}

Test(replay, oversized_frames_stay_whole_or_are_dropped_as_told)
{
    char path[32];
    save_mixed(path);
    struct traffic_config config = replay(path, REPLAY_GSO);
    bench_start(&config, 65536, &bench.reverse);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(bench.path.total.offered, 2);
    cr_assert_eq(bench.queue.tail->length, 4519);
    cr_assert_eq(bench.queue.tail->segments, 4);
    cr_assert_eq(bench.reverse.total.offered, 5); /* no wire carries it whole */
    bench_stop(&config);

    config = replay(path, REPLAY_DROP);
    bench_start(&config, 65536, &bench.reverse);
    sim_run(bench.sim, SIM_MS);
    cr_assert_eq(bench.path.total.offered, 2);
    cr_assert_eq(bench.path.total.dropped[DROP_OVERSIZE], 1);
    cr_assert_eq(bench.reverse.total.dropped[DROP_OVERSIZE], 1);
    cr_assert_eq(bench.reverse.total.delivered, 1);
    bench_stop(&config);
    unlink(path);
}

Test(replay, a_replay_of_one_direction_counts_the_other_as_skipped)
{
    char path[32];
    save_mixed(path);
    struct traffic_config config = replay(path, REPLAY_SEGMENT);
    config.direction = TRAFFIC_RECEIVE;
    bench_start(&config, 0, NULL);
    sim_run(bench.sim, 2 * SIM_SECOND);
    struct source_frames frames = frames_now();
    cr_assert_eq(frames.offered[PACKET_RECEIVE], 2);
    cr_assert_eq(frames.skipped[CAPTURE_NO_PATH], 3);
    cr_assert_eq(source_skipped(bench.source), 4);
    cr_assert_eq(bench.path.total.delivered, 5);
    bench_stop(&config);
    unlink(path);
}

/* Every frame is one packet, and those larger than the MTU are `extra` more. */
static void replay_whole(const char *file, int64_t count, int64_t extra)
{
    struct traffic_config config = replay(file, REPLAY_SEGMENT);
    bench_start(&config, 0, &bench.reverse);
    sim_run(bench.sim, 10 * SIM_SECOND);
    struct source_frames frames = frames_now();
    cr_assert_eq(frames.frames, count);
    cr_assert_eq(frames.pending, 0);
    cr_assert_eq(frames.offered[0] + frames.offered[1], count);
    cr_assert_eq(bench.path.total.offered + bench.reverse.total.offered, count + extra);
    cr_assert_eq(bench.reverse.total.delivered, bench.reverse.total.offered);
    end_all();
    cr_assert_eq(bench.path.total.delivered, bench.path.total.offered);
    bench_stop(&config);
}

Test(replay, replays_the_projects_own_transfer_without_losing_a_frame)
{
    const char *file = IOVSIM_SOURCE_DIR "/scenarios/library/captures/transfer.pcap";
    char message[CAPTURE_MESSAGE_MAX];
    struct capture capture;
    cr_assert(capture_load(file, &(struct capture_options){0}, &capture, message, sizeof(message)));
    replay_whole(file, capture.read, 0);
    capture_free(&capture);
}

Test(replay, replays_the_tls_capture_without_losing_a_frame)
{
    const char *file = IOVSIM_SOURCE_DIR "/../shared/data/pcap/tls_ciphers.pcap";
    struct stat status;
    if (stat(file, &status) != 0)
        cr_skip_test("%s is not there", file);
    replay_whole(file, 1095, 3 * 3); /* three frames become four each */
}
