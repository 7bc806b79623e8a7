#include "analysis/cli/cli.h"

/* What commands have in common that read a scenario, and that run one. */
#define READS (CLI_OPTION_SET | CLI_OPTION_QUIET | CLI_LIBRARY)
#define RUNS (READS | CLI_OPTION_OUT | CLI_OPTION_JOBS | CLI_OPTION_LOCKSTEP)
#define RUNS_POINTS (RUNS | CLI_OPTION_FORMAT | CLI_OPTION_VCD | CLI_OPTION_STRATEGIES)

const struct cli_command cli_commands[] = {
    {"run", "FILE|NAME", "run a scenario, all its points, and print a summary",
     "Runs every point of the scenario (sweep, compare, repeat), prints a row for each, and checks its "
     "`expect:`.",
     1, 1, RUNS_POINTS | CLI_OPTION_CAUSES, command_run},
    {"compare", "FILE|NAME", "run a scenario with its alternatives side by side",
     "Prints, for each combination of swept values, the alternatives of `compare:` side by side. A scenario "
     "that compares nothing is run with the four strategies.",
     1, 1, RUNS_POINTS | CLI_OPTION_CAUSES, command_compare},
    {"sweep", "FILE|NAME", "run a scenario's sweep with parallel workers",
     "As `run`, made for many points: --out x.sqlite, x.csv, x.json or a folder.", 1, 1,
     RUNS_POINTS | CLI_OPTION_CAUSES, command_sweep},
    {"plot", "FILE|NAME", "draw a scenario's figures",
     "Runs the points that the scenario's `plot:` need, and writes data, gnuplot script, SVG and PNG of each "
     "into --out (default: out).",
     1, 1, RUNS, command_plot},
    {"figures", "[FILE|NAME...]", "regenerate all figures and tables of the library",
     "Runs every scenario of the library's `textbook` folder (or the named), prints its table, and writes "
     "tables, results and figures into a folder of --out (default: out/figures) each, with an index.md.",
     0, 1000, RUNS, command_figures},
    {"explain", "FILE|NAME", "show where every nanosecond and cycle went",
     "Runs the scenario and shows for each point the packet's journey, cycles a packet, VM exits as `perf "
     "kvm stat` lays them out, and the bottleneck; for emulated NICs also what each factor of emulation "
     "costs, by "
     "switching it off. With --config nothing is run: shows the resolved scenario with the origin of every "
     "value.",
     1, 1, RUNS_POINTS | CLI_OPTION_CONFIG, command_explain},
    {"model", "FILE|NAME", "show closed forms beside what the runs find",
     "Predicts latency, utilization, saturation, queueing and interrupt rate of each point from its "
     "configuration alone, runs it, and prints both; where there is no closed form it says why.",
     1, 1, RUNS_POINTS, command_model},
    {"check", "FILE|NAME...", "check scenarios without running them",
     "Reads, binds and checks every point of each scenario. Exit status 2 if one is wrong.", 1, 1000, READS,
     command_check},
    {"list", "[KIND]", "list what there is to choose from",
     "KIND is one of scenarios, hosts, nics, costs, strategies, models, forms; without it, all are listed.",
     0, 1, CLI_OPTION_OUT | CLI_OPTION_FORMAT | CLI_LIBRARY, command_list},
    {"schema", "", "write the JSON Schema of scenario files, for editors", "", 0, 0, CLI_OPTION_OUT,
     command_schema},
    {"reference", "", "write the reference page of all parameters, in Markdown", "", 0, 0, CLI_OPTION_OUT,
     command_reference},
    {"diff", "A.json B.json", "compare the numbers of two result files",
     "Lists every number that differs between results of the same point. Exit status 1 if there is one.", 2,
     2, CLI_OPTION_OUT, command_diff},
    {0},
};
