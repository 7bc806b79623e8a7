/* schema, reference: what the parameter tables say of the language. */
#include "analysis/cli/report.h"
#include "models/registry.h"

static enum cli_status write(struct cli *cli, void (*writer)(const struct param_table *root, FILE *out))
{
    struct text_file *file = text_file_open(cli);
    if (!file)
        return CLI_USAGE;
    writer(registry_root(), text_file_stream(file));
    return text_file_close(file);
}

enum cli_status command_schema(struct cli *cli)
{
    return write(cli, scenario_schema);
}

enum cli_status command_reference(struct cli *cli)
{
    return write(cli, scenario_reference);
}
