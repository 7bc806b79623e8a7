#!/bin/sh
# Writes docs/costs.md from the cost profiles and the parameter table.
# usage: docs/costs.sh          rewrite the page
#        docs/costs.sh --check  say whether the page is up to date
set -eu
cd "$(dirname "$0")/.."
profiles=scenarios/library/costs
page=docs/costs.md

heading()
{
    cat <<'END'
# Cost constants

Counts come from protocols; what a single thing costs comes from here. A cost profile gives each constant a value, a source and
an evidence class ([classes](index.md#evidence-classes)). Choose one with `costs: {profile: NAME}`; override one with
`costs: {profile: NAME, exit: 1500cycles}` or `--set costs.exit=1500cycles`.

END
    for file in "$profiles"/*.yaml; do
        printf '* **%s**: %s\n' "$(basename "$file" .yaml)" "$(sed -n 's/^description: *//p' "$file")."
    done
    cat <<'END'

The rule for constants: none is chosen to reach a result. Many are assumed: believe their order of magnitude, not their digits.
Try a conclusion that depends on one of them with half and with twice its value; a sweep does that in one line.

This page is generated. After a change of a profile:

```text
docs/costs.sh
```

and to see whether it is up to date:

```sh
docs/costs.sh --check
```

END
}

# One row a constant: meaning from the parameter table, values and evidence from each profile in turn.
table()
{
    awk '
    function field(line, key,    rest)
    {
        rest = substr(line, index(line, key ": ") + length(key) + 2)
        if (substr(rest, 1, 1) == "\"") {
            rest = substr(rest, 2)
            return substr(rest, 1, index(rest, "\"") - 1)
        }
        sub(/[,}].*/, "", rest)
        return rest
    }
    FNR == 1 {
        if (FILENAME ~ /\.yaml$/) {
            name = FILENAME
            gsub(/.*\/|\.yaml$/, "", name)
            profile[++profiles] = name
        }
    }
    FILENAME ~ /\.c$/ && !/^#define/ && /CYCLES\([a-z_]+, "|PARAM_COST_ROW\(struct costs, [a-z_]+,/ {
        key = $0
        sub(/.*(CYCLES\(|PARAM_COST_ROW\(struct costs, )/, "", key)
        sub(/,.*/, "", key)
        text = $0
        while (text !~ /"[^"]*"/ && (getline line) > 0)
            text = text line
        sub(/^[^"]*"/, "", text)
        sub(/".*/, "", text)
        order[++count] = key
        meaning[key] = text
    }
    FILENAME ~ /\.yaml$/ && /^[a-z_]+: \{value: / {
        key = $0
        sub(/:.*/, "", key)
        value[profiles, key] = field($0, "value")
        source[profiles, key] = field($0, "source")
        evidence[profiles, key] = field($0, "evidence")
    }
    END {
        printf "| constant | what it is |"
        rule = "|---|---|"
        for (p = 1; p <= profiles; p++) {
            printf " %s |", profile[p]
            rule = rule "---|"
        }
        print " evidence | source |"
        print rule "---|---|"
        for (i = 1; i <= count; i++) {
            key = order[i]
            printf "| `%s` | %s |", key, meaning[key]
            classes = sources = ""
            same = 1
            for (p = 2; p <= profiles; p++)
                same = same && source[p, key] == source[1, key]
            for (p = 1; p <= profiles; p++) {
                if (!((p, key) in value))
                    exit bad = 1
                printf " %s |", value[p, key]
                if (classes != evidence[p, key])
                    classes = classes (classes ? "; " : "") evidence[p, key]
                if (index(sources, source[p, key]) == 0)
                    sources = sources (sources ? "; " : "") (same ? "" : profile[p] ": ") source[p, key]
            }
            printf " %s | %s |\n", classes, sources
        }
        exit bad
    }' models/host/costs.c "$profiles"/*.yaml
}

ending()
{
    cat <<'END'

## Other constants

Hardware constants stand beside their models, with source and class in their line of help ([reference.md](reference.md)): PCIe and
root complex ([models/pcie.md](models/pcie.md)), IOMMU ([models/iommu.md](models/iommu.md)), memory
([models/memory.md](models/memory.md)), NIC pipelines ([models/nic.md](models/nic.md)), `host.idle_wake` in the host profiles.

## What is left out

* Costs that depend on the size of a working set, on the branch history or on neighbours.
* A spread: every constant is a number, not a distribution.
* Power management and its price beyond `idle_wake`.
END
}

write()
{
    heading
    table
    ending
}

case ${1:-} in
--check)
    scratch=$(mktemp)
    trap 'rm -f "$scratch"' EXIT
    write >"$scratch"
    diff "$page" "$scratch" || {
        printf '%s is out of date: run docs/costs.sh\n' "$page" >&2
        exit 1
    }
    ;;
"")
    write >"$page.new"
    mv "$page.new" "$page"
    ;;
*)
    sed -n '3,4s/^# //p' "$0" >&2
    exit 2
    ;;
esac
