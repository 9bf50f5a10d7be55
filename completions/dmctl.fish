# fish completion for dmctl, for fish 3.1 and later.
#
# Put it into ~/.config/fish/completions/dmctl.fish. `dmctl` must be on the PATH.
# What dmctl answers is text: no part of it, and none of what was typed, is evaluated here.

function __dmctl_complete
    # All words without their quotes, but for the one at the cursor, which comes as it is typed, in two halves.
    set -l before (commandline -opc)
    set -l all (commandline -op)
    set -l left (commandline -ct | string collect)
    set -l whole (commandline -t | string collect)
    set -l next (math (count $before) + 1)
    test -n "$whole"; and set next (math $next + 1)
    set -l after
    test (count $all) -ge $next; and set after $all[$next..-1]
    set -e before[1]
    set -l lines (command dmctl complete fish --index=(count $before) --left="$left" --right="$whole" -- $before '' $after 2>/dev/null </dev/null)
    set -l fields (string split \t -- $lines[1])
    if test "$fields[1]" = files
        __fish_complete_path "$left"
        return
    end
    test (count $lines) -ge 2; and printf '%s\n' $lines[2..-1]
end

complete -c dmctl -e
complete -c dmctl -f -k -a '(__dmctl_complete)'
