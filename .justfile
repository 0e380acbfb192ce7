# For people who have just; ./dev does the same without it.

# list what can be asked
default:
    @just --list

# real invoices from POST to a verified receipt
demo *args:
    ./dev demo {{args}}

# the test suite
test *args:
    ./dev test {{args}}

# the command `tallystick`
run *args:
    ./dev run {{args}}

# format, lint, types, walls, architecture
check:
    ./dev check

# the benchmarks beside their baselines
bench *args:
    ./dev bench {{args}}

# the long proofs
prove *args:
    ./dev prove {{args}}

# write requirements.lock anew
lock:
    ./dev lock

# write the golden files of one strategy; read them before you commit
golden name:
    ./dev test src/tallystick/conformance --strategy {{name}} --update
