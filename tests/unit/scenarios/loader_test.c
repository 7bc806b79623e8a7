/*
 * Includes and profiles. Each test works in a folder of its own, so that messages name short paths.
 */
#include <sys/stat.h>

#include "scenarios/source.h"
#include "tests/unit/scenarios/sample.h"

static char folder[] = "/tmp/iovsim-loader-XXXXXX";

static void enter_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    char command[100];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(system(command), 0);
}

TestSuite(loader, .init = enter_folder, .fini = leave_folder);

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

/* Loads and binds a.yaml with the library in the folder `library`; asserts that there are these messages. */
static struct scenario_binding *check_file(const char *const *sets, const char *expected)
{
    struct diag *diag = diag_create();
    struct scenario_options options = {.library = "library", .sets = sets};
    struct scenario_binding *binding = NULL;
    for (; sets && sets[options.set_count]; options.set_count++)
        ;
    struct scenario *scenario = scenario_load("a.yaml", &options, diag);
    if (scenario)
        binding = scenario_bind(scenario, scenario_point(scenario, 0), &sample_table, diag);
    char *messages = sample_messages(diag);
    cr_assert_str_eq(messages, expected);
    free(messages);
    scenario_destroy(scenario);
    diag_destroy(diag);
    return binding;
}

Test(loader, an_include_is_a_set_of_defaults)
{
    write_file("base.yaml", "schema_version: 1\ndescription: base\nname: base\n"
                            "seed: 5\nhost: {cores: 8, frequency: 2GHz}\n"
                            "nics: [{rate: 1Gbps}, {rate: 2Gbps}]\n");
    write_file("a.yaml", "schema_version: 1\ninclude: base.yaml\nhost: {cores: 16}\nnics: [{rate: 3Gbps}]\n");
    struct scenario_binding *binding = check_file(NULL, "");
    const struct sample_config *config = scenario_config(binding);
    cr_assert_eq(config->seed, 5);
    cr_assert_eq(config->host.cores, 16);
    cr_assert_eq(config->host.frequency, 2000000000); /* mappings merge */
    cr_assert_eq(config->nics.count, 1);              /* lists are replaced */
    scenario_binding_destroy(binding);
}

Test(loader, what_a_file_says_of_itself_is_not_inherited)
{
    struct diag *diag = diag_create();
    write_file("base.yaml", "schema_version: 1\ndescription: base\nname: base\nlook_at: x\nrepeat: 3\n");
    write_file("a.yaml", "schema_version: 1\ninclude: base.yaml\nnics: [{rate: 3Gbps}]\n");
    struct scenario *scenario = scenario_load("a.yaml", NULL, diag);
    cr_assert_null(scenario_experiment(scenario)->name);
    cr_assert_null(scenario_experiment(scenario)->description);
    cr_assert_eq(scenario_experiment(scenario)->repeat, 3);
    scenario_destroy(scenario);
    diag_destroy(diag);
}

Test(loader, later_includes_win_and_groups_include_too)
{
    write_file("one.yaml", "cores: 1\nfrequency: 1GHz\n");
    write_file("two.yaml", "cores: 2\n");
    write_file("a.yaml", "schema_version: 1\nhost: {include: [one.yaml, two.yaml]}\nnics: [{rate: 1Gbps}]\n");
    struct scenario_binding *binding = check_file(NULL, "");
    const struct sample_config *config = scenario_config(binding);
    cr_assert_eq(config->host.cores, 2);
    cr_assert_eq(config->host.frequency, 1000000000);
    scenario_binding_destroy(binding);
}

Test(loader, includes_are_found_beside_the_file_and_then_in_the_library)
{
    cr_assert_eq(mkdir("sub", 0700), 0);
    cr_assert_eq(mkdir("library", 0700), 0);
    write_file("sub/host.yaml", "include: more.yaml\ncores: 3\n");
    write_file("sub/more.yaml", "frequency: 3GHz\n");
    write_file("library/card.yaml", "rate: 7Gbps\n");
    write_file("a.yaml", "schema_version: 1\nhost: {include: sub/host.yaml}\nnics: [{include: card.yaml}]\n");
    struct scenario_binding *binding = check_file(NULL, "");
    const struct sample_config *config = scenario_config(binding);
    cr_assert_eq(config->host.cores, 3);
    cr_assert_eq(config->host.frequency, 3000000000);
    cr_assert_eq(((const struct sample_nic *)config->nics.items)->rate, 7000000000);
    scenario_binding_destroy(binding);
}

Test(loader, a_mistake_in_an_include_has_its_place)
{
    cr_assert_eq(mkdir("sub", 0700), 0);
    write_file("sub/host.yaml", "frequency: 3GHz\ncores: 65\n");
    write_file("a.yaml", "schema_version: 1\nhost: {include: sub/host.yaml}\nnics: [{rate: 1Gbps}]\n");
    check_file(NULL, "sub/host.yaml:2:8: error: out of range: `65` for `host.cores`; allowed: 1 to 64\n");
}

Test(loader, another_model_replaces_the_whole_group)
{
    write_file("base.yaml", "moderation: {model: itr, interval: 20us}\n");
    write_file("a.yaml", "schema_version: 1\n"
                         "nics:\n"
                         "  - {include: base.yaml, rate: 1Gbps, moderation: none}\n"
                         "  - {include: base.yaml, rate: 1Gbps, moderation: itr}\n"
                         "  - {include: base.yaml, rate: 1Gbps, moderation: {frames: 4}}\n"
                         "  - {include: base.yaml, rate: 1Gbps, moderation: {model: none}}\n");
    struct scenario_binding *binding = check_file(NULL, "");
    const struct sample_config *config = scenario_config(binding);
    const struct sample_nic *nics = config->nics.items;
    const struct sample_itr *kept = nics[1].moderation.config, *merged = nics[2].moderation.config;
    cr_assert_eq(nics[0].moderation.model, &sample_none_model);
    cr_assert_eq(kept->interval, 20000000);
    cr_assert_eq(merged->interval, 20000000);
    cr_assert_eq(merged->frames, 4);
    cr_assert_eq(nics[3].moderation.model, &sample_none_model);
    scenario_binding_destroy(binding);
}

Test(loader, loops_are_reported)
{
    write_file("a.yaml", "schema_version: 1\ninclude: b.yaml\n");
    write_file("b.yaml", "include: c.yaml\n");
    write_file("c.yaml", "host:\n  include: ./b.yaml\n");
    check_file(NULL, "c.yaml:2:12: error: include loop: `./b.yaml`; it is being included already\n");
    write_file("b.yaml", "include: a.yaml\n");
    check_file(NULL, "b.yaml:1:10: error: include loop: `a.yaml`; it is being included already\n");
}

/* Writes a chain of files: f0 includes f1 and so on; the last of `count` includes nothing. */
static void write_chain(int count)
{
    for (int i = 0; i < count; i++) {
        char name[20], text[40];
        snprintf(name, sizeof(name), "f%d.yaml", i);
        snprintf(text, sizeof(text), i + 1 < count ? "include: f%d.yaml\n" : "seed: %d\n", i + 1);
        write_file(name, text);
    }
}

Test(loader, depth_limit_at_16_files)
{
    write_file("a.yaml", "schema_version: 1\ninclude: f0.yaml\nnics: [{rate: 1Gbps}]\n");
    write_chain(15);
    scenario_binding_destroy(check_file(NULL, ""));
    write_chain(16);
    check_file(NULL, "f14.yaml:1:10: error: includes nested too deeply: `f15.yaml`; allowed: 16 levels\n");
}

Test(loader, file_limit_at_256)
{
    static const char entry[] = "  - b.yaml\n";
    for (int count = 255; count <= 256; count++) {
        FILE *file = fopen("a.yaml", "w");
        fprintf(file, "schema_version: 1\nnics: [{rate: 1Gbps}]\ninclude:\n");
        for (int i = 0; i < count; i++)
            fputs(entry, file);
        fclose(file);
        write_file("b.yaml", "seed: 3\n");
        struct scenario_binding *binding = check_file(
            NULL, count == 255
                      ? ""
                      : "a.yaml:259:5: error: too many files: `b.yaml`; allowed: 256 in a scenario\n");
        cr_assert_eq(binding != NULL, count == 255);
        scenario_binding_destroy(binding);
    }
}

Test(loader, files_that_cannot_be_read)
{
    check_file(NULL, "a.yaml: error: cannot read the file: No such file or directory\n");
    cr_assert_eq(mkdir("a.yaml", 0700), 0);
    check_file(NULL, "a.yaml: error: cannot read the file: it is a directory; wanted: a YAML file\n");
    cr_assert_eq(rmdir("a.yaml"), 0);
    write_file("a.yaml", "schema_version: 1\ninclude: b.yaml\n");
    check_file(NULL, "a.yaml:2:10: error: cannot read the file: `b.yaml`; No such file or directory\n");
    cr_assert_eq(mkfifo("b.yaml", 0600), 0);
    check_file(NULL,
               "a.yaml:2:10: error: cannot read the file: `b.yaml`; it is no regular file; wanted: a YAML "
               "file\n");
    write_file("a.yaml", "schema_version: 1\ninclude: [[b.yaml]]\n");
    check_file(NULL,
               "a.yaml:2:11: error: wrong type: a list for `include`; wanted: a file name or a list of file "
               "names\n");
    write_file("a.yaml", "schema_version: 1\ninclude:\n");
    check_file(NULL,
               "a.yaml:2:9: error: wrong type: nothing for `include`; wanted: a file name or a list of file "
               "names\n");
}

Test(loader, what_an_include_may_be)
{
    write_file("a.yaml", "schema_version: 1\nnics: [{rate: 1Gbps}]\ninclude: b.yaml\n");
    write_file("b.yaml", "[1, 2]\n");
    check_file(NULL, "b.yaml:1:1: error: wrong type: a list as the whole file; wanted: `key: value` lines\n");
    write_file("b.yaml", "schema_version: 2\n");
    check_file(NULL, "b.yaml:1:17: error: out of range: `2` for `schema_version`; allowed: 1\n");
    write_file("b.yaml", "");
    check_file(NULL, "b.yaml: error: empty file; wanted: YAML\n");
}

Test(loader, size_limit_holds_for_all_files_together)
{
    FILE *file = fopen("b.yaml", "w");
    for (size_t i = 0; i < (SOURCE_SIZE_MAX * 6 / 10) / 64; i++)
        fprintf(file, "#%062d\n", 0);
    fputs("seed: 4\n", file);
    fclose(file);
    write_file("a.yaml", "schema_version: 1\nnics: [{rate: 1Gbps}]\ninclude: b.yaml\n");
    scenario_binding_destroy(check_file(NULL, ""));
    write_file("a.yaml", "schema_version: 1\nnics: [{rate: 1Gbps}]\ninclude: [b.yaml, b.yaml]\n");
    check_file(NULL,
               "a.yaml:3:19: error: cannot read the file: `b.yaml`; it is too large; allowed: 16MiB with all "
               "that is included\n");
}

static void write_library(void)
{
    cr_assert_eq(mkdir("library", 0700), 0);
    cr_assert_eq(mkdir("library/nics", 0700), 0);
    write_file("library/nics/slow.yaml", "description: Slow.\nrate: 1Gbps\n"
                                         "moderation: {model: itr, interval: 20us}\n");
    write_file("library/nics/fast.yaml", "profile: slow\nrate: 100Gbps\n");
}

Test(loader, profiles_give_defaults)
{
    write_library();
    write_file("a.yaml", "schema_version: 1\nnics:\n  - {profile: slow, queues: 4}\n  - {profile: fast}\n");
    struct scenario_binding *binding = check_file(NULL, "");
    const struct sample_config *config = scenario_config(binding);
    const struct sample_nic *nics = config->nics.items;
    cr_assert_eq(nics[0].rate, 1000000000);
    cr_assert_eq(nics[0].queues, 4);
    cr_assert_eq(nics[1].rate, 100000000000);
    cr_assert_eq(nics[1].moderation.model, &sample_itr_model); /* from the profile's profile */
    scenario_binding_destroy(binding);
}

Test(loader, overrides_may_change_the_profile_and_what_it_gives)
{
    static const char *const sets[] = {"nics[0].moderation.interval=30us", "nics[0].profile=fast", NULL};
    write_library();
    write_file("a.yaml", "schema_version: 1\nnics:\n  - {profile: slow}\n  - {profile: slow}\n");
    struct scenario_binding *binding = check_file(sets, "");
    const struct sample_config *config = scenario_config(binding);
    const struct sample_nic *nics = config->nics.items;
    cr_assert_eq(nics[0].rate, 100000000000);
    cr_assert_eq(((const struct sample_itr *)nics[0].moderation.config)->interval, 30000000);
    cr_assert_eq(((const struct sample_itr *)nics[1].moderation.config)->interval, 20000000); /* not shared */
    scenario_binding_destroy(binding);
}

Test(loader, a_profile_is_read_once)
{
    struct diag *diag = diag_create();
    struct scenario_options options = {.library = "library"};
    write_library();
    write_file("a.yaml", "schema_version: 1\nnics: [{profile: slow}]\n");
    struct scenario *scenario = scenario_load("a.yaml", &options, diag);
    scenario_binding_destroy(scenario_bind(scenario, NULL, &sample_table, diag));
    cr_assert_eq(unlink("library/nics/slow.yaml"), 0);
    struct scenario_binding *again = scenario_bind(scenario, NULL, &sample_table, diag);
    cr_assert_not_null(again);
    scenario_binding_destroy(again);
    scenario_destroy(scenario);
    diag_destroy(diag);
}

Test(loader, profiles_that_cannot_be_had)
{
    write_library();
    write_file("a.yaml", "schema_version: 1\nnics: [{profile: slwo}]\n");
    check_file(NULL,
               "a.yaml:2:18: error: unknown profile: `slwo` in `nics`; allowed: fast, slow; did you mean "
               "`slow`?\n");
    write_file("a.yaml", "schema_version: 1\nnics: [{profile: ../nics/slow}]\n");
    check_file(NULL, "a.yaml:2:18: error: unknown profile: `../nics/slow` in `nics`; allowed: fast, slow\n");
    write_file("a.yaml", "schema_version: 1\nnics: [{profile: }]\n");
    check_file(NULL,
               "a.yaml:2:18: error: wrong type: nothing for `profile`; wanted: the name of a library file\n");
    write_file("a.yaml", "schema_version: 1\nnics: [{profile: slow}]\n");
    write_file("library/nics/slow.yaml", "profile: fast\n");
    check_file(NULL, "library/nics/slow.yaml:1:10: error: profile loop: `fast`; allowed: 16 "
                     "profiles in a chain\n");
}

Test(loader, without_a_library)
{
    struct diag *diag = diag_create();
    static const char text[] = "schema_version: 1\nnics: [{profile: slow}]\n";
    struct scenario *scenario = scenario_load_text("a.yaml", text, strlen(text), NULL, diag);
    cr_assert_null(scenario_bind(scenario, NULL, &sample_table, diag));
    char *messages = sample_messages(diag);
    cr_assert_str_eq(messages,
                     "a.yaml:2:18: error: no library: it is needed for `profile`; set IOVSIM_LIBRARY to "
                     "its folder\n");
    free(messages);
    scenario_destroy(scenario);
    diag_destroy(diag);
}

Test(loader, no_files_may_be_opened)
{
    struct diag *diag = diag_create();
    struct scenario_options options = {.no_files = true, .library = "library"};
    static const char text[] = "schema_version: 1\ninclude: /etc/passwd\n";
    cr_assert_null(scenario_load_text("a.yaml", text, strlen(text), &options, diag));
    char *messages = sample_messages(diag);
    cr_assert_str_eq(messages,
                     "a.yaml:2:10: error: cannot read the file: `/etc/passwd`; files cannot be used here\n");
    free(messages);
    diag_destroy(diag);
}
