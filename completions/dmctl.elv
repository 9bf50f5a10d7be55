
use builtin;
use str;

set edit:completion:arg-completer[dmctl] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'dmctl'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'dmctl'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand --keep-going 'With commands from a pipe: go on after a command that failed'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand task 'Migration tasks: what is copied from which source to which target'
            cand source 'Sources: the MySQL and MariaDB servers that tasks read from'
            cand relay 'Relay logs: copies of a source''s binlog that a worker keeps'
            cand ddl-lock 'Shard DDL locks: statements that wait until every shard has reached them'
            cand member 'Members of the cluster: masters and workers'
            cand profile 'Profiles: the clusters that have a name in config.toml'
            cand serve 'Be a DM on this machine: serve the API of a cluster, and do its work'
            cand playground 'Try it out: a small shop in throw-away databases, and a session on them'
            cand completion 'Print the script with which a shell completes'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;task'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand check 'Check whether a task file could run'
            cand create 'Create a task, stopped'
            cand update 'Change a stopped task to what a file says'
            cand delete 'Delete a task, with all that DM remembers of it'
            cand get 'Show a task''s configuration as a file that `create` takes'
            cand list 'List the tasks of the cluster'
            cand status 'Show how a task does, on each of its sources'
            cand start 'Start a task, or go on with a stopped one'
            cand stop 'Stop a task'
            cand verify 'Compare what a task has copied with its sources, row by row'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;task;check'= {
            cand --error-count 'How many errors to show at most; -1 for all'
            cand --warn-count 'How many warnings to show at most; -1 for all'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;task;create'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --lossy 'Create it also when parts of the file can''t be carried, and list them'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;task;update'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --lossy 'Send it also when parts of the file can''t be carried, and list them'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;task;delete'= {
            cand --wait-timeout 'How long to wait for it to take effect, as in 90s or 1h30m'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --force 'Delete it also while it runs, or while its target can''t be reached'
            cand --no-wait 'Return as soon as the cluster has accepted the change'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;task;get'= {
            cand --output 'Write it to this file, readable by you only, instead of showing it'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --show-secrets 'Show the target''s password instead of ****** (needs the REST API)'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;task;list'= {
            cand --source 'Only tasks that read any of these sources'
            cand --stage 'Only tasks in this stage'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;task;status'= {
            cand --source 'Only the subtasks of these sources'
            cand --wait 'Wait until every subtask is there: running, stopped, finished, or lag<DURATION. Ends with 1 when an error keeps the task from getting there, with 124 when the time is up'
            cand --wait-timeout 'How long to wait at most, as in 90s or 1h30m (without it: as long as it takes)'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --watch 'Show it again every 2 seconds, in place and with progress bars, until a key is pressed'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;task;start'= {
            cand --source 'Only on these sources'
            cand --start-time 'Read the binlog from this time on, in the time zone of the source, as in ''2026-01-31 08:00:00'''
            cand --safe-mode-time-duration 'How long to apply changes in safe mode after the start, as in 60s'
            cand --wait-timeout 'How long to wait for it to take effect, as in 90s or 1h30m'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --remove-meta 'Forget how far the task is and copy everything again'
            cand --no-wait 'Return as soon as the cluster has accepted the change'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;task;stop'= {
            cand --source 'Only on these sources'
            cand --timeout 'How long running transactions may take to end before they are cut off (without it: 10s)'
            cand --wait-timeout 'How long to wait for it to take effect, as in 90s or 1h30m'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --no-wait 'Return as soon as the cluster has accepted the change'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;task;verify'= {
            cand --source 'Only the tables of the target that these sources feed'
            cand --rows 'How many rows to show of each table at most; all are counted'
            cand --wait-timeout 'How long it may take, as in 90s or 1h30m (without it: as long as it takes)'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --show-values 'Show the values of rows that differ, and not their keys only'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;task;help'= {
            cand check 'Check whether a task file could run'
            cand create 'Create a task, stopped'
            cand update 'Change a stopped task to what a file says'
            cand delete 'Delete a task, with all that DM remembers of it'
            cand get 'Show a task''s configuration as a file that `create` takes'
            cand list 'List the tasks of the cluster'
            cand status 'Show how a task does, on each of its sources'
            cand start 'Start a task, or go on with a stopped one'
            cand stop 'Stop a task'
            cand verify 'Compare what a task has copied with its sources, row by row'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;task;help;check'= {
        }
        &'dmctl;task;help;create'= {
        }
        &'dmctl;task;help;update'= {
        }
        &'dmctl;task;help;delete'= {
        }
        &'dmctl;task;help;get'= {
        }
        &'dmctl;task;help;list'= {
        }
        &'dmctl;task;help;status'= {
        }
        &'dmctl;task;help;start'= {
        }
        &'dmctl;task;help;stop'= {
        }
        &'dmctl;task;help;verify'= {
        }
        &'dmctl;task;help;help'= {
        }
        &'dmctl;source'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand create 'Create a source'
            cand update 'Change a source to what a file says'
            cand delete 'Delete a source'
            cand get 'Show a source''s configuration as a file that `create` takes'
            cand list 'List the sources of the cluster'
            cand status 'Show how a source does: its worker, relay log and subtasks'
            cand enable 'Enable a disabled source; its tasks start'
            cand disable 'Disable a source; its running subtasks stop'
            cand transfer 'Move a source to a free worker'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;source;create'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;source;update'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --lossy 'Send it also when that resets settings that the REST API can''t carry, and list them'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;source;delete'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --force 'Delete it also while tasks read from it, with their subtasks'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;source;get'= {
            cand --output 'Write it to this file, readable by you only, instead of showing it'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;source;list'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;source;status'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;source;enable'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;source;disable'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;source;transfer'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;source;help'= {
            cand create 'Create a source'
            cand update 'Change a source to what a file says'
            cand delete 'Delete a source'
            cand get 'Show a source''s configuration as a file that `create` takes'
            cand list 'List the sources of the cluster'
            cand status 'Show how a source does: its worker, relay log and subtasks'
            cand enable 'Enable a disabled source; its tasks start'
            cand disable 'Disable a source; its running subtasks stop'
            cand transfer 'Move a source to a free worker'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;source;help;create'= {
        }
        &'dmctl;source;help;update'= {
        }
        &'dmctl;source;help;delete'= {
        }
        &'dmctl;source;help;get'= {
        }
        &'dmctl;source;help;list'= {
        }
        &'dmctl;source;help;status'= {
        }
        &'dmctl;source;help;enable'= {
        }
        &'dmctl;source;help;disable'= {
        }
        &'dmctl;source;help;transfer'= {
        }
        &'dmctl;source;help;help'= {
        }
        &'dmctl;relay'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand start 'Keep a relay log of a source'
            cand stop 'Keep no relay log of a source any more'
            cand purge 'Remove old relay log files'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;relay;start'= {
            cand --worker-name 'On this worker instead of the one that serves the source'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;relay;stop'= {
            cand --worker-name 'On this worker instead of the one that serves the source'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;relay;purge'= {
            cand --sub-dir 'The folder of the relay log that the file is in (without it: the newest)'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;relay;help'= {
            cand start 'Keep a relay log of a source'
            cand stop 'Keep no relay log of a source any more'
            cand purge 'Remove old relay log files'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;relay;help;start'= {
        }
        &'dmctl;relay;help;stop'= {
        }
        &'dmctl;relay;help;purge'= {
        }
        &'dmctl;relay;help;help'= {
        }
        &'dmctl;ddl-lock'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the locks that are not resolved'
            cand unlock 'Resolve a lock by hand'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;ddl-lock;list'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;ddl-lock;unlock'= {
            cand --source 'The source whose part of an optimistic lock is resolved'
            cand --database 'The database of that source'
            cand --table 'The table of that source'
            cand --action 'Whether its statement is skipped or executed'
            cand --owner 'The source that executes the statement of a pessimistic lock, instead of the lock''s owner'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --force-remove 'Remove the lock also when its owner fails to execute the statement'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;ddl-lock;help'= {
            cand list 'List the locks that are not resolved'
            cand unlock 'Resolve a lock by hand'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;ddl-lock;help;list'= {
        }
        &'dmctl;ddl-lock;help;unlock'= {
        }
        &'dmctl;ddl-lock;help;help'= {
        }
        &'dmctl;member'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List masters and workers'
            cand offline 'Take a member that is shut down out of the cluster'
            cand evict-leader 'Make a master give up the lead, and not take it again'
            cand cancel-evict-leader 'Let an evicted master take the lead again'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;member;list'= {
            cand --name 'Only the members of these names'
            cand --role 'Only members of this role'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;member;offline'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;member;evict-leader'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;member;cancel-evict-leader'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;member;help'= {
            cand list 'List masters and workers'
            cand offline 'Take a member that is shut down out of the cluster'
            cand evict-leader 'Make a master give up the lead, and not take it again'
            cand cancel-evict-leader 'Let an evicted master take the lead again'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;member;help;list'= {
        }
        &'dmctl;member;help;offline'= {
        }
        &'dmctl;member;help;evict-leader'= {
        }
        &'dmctl;member;help;cancel-evict-leader'= {
        }
        &'dmctl;member;help;help'= {
        }
        &'dmctl;profile'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the clusters that have a name'
            cand show 'Show what a name stands for'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;profile;list'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;profile;show'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;profile;help'= {
            cand list 'List the clusters that have a name'
            cand show 'Show what a name stands for'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;profile;help;list'= {
        }
        &'dmctl;profile;help;show'= {
        }
        &'dmctl;profile;help;help'= {
        }
        &'dmctl;serve'= {
            cand --addr 'Where to listen'
            cand --data-dir 'Where to keep what must outlive it; a folder of its own in the data folder of the user unless it is given'
            cand --workers 'How many sources it can serve'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --no-token 'Let in whoever is on this machine, without a token'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;playground'= {
            cand --keep 'Put everything into this folder, which must be new or empty, and leave it there at the end'
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --script 'Go through a whole migration by itself, and tell how it ended; also without a terminal'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;completion'= {
            cand --master-addr 'Where the masters listen: host:port, several with commas'
            cand --profile 'The cluster of this name in config.toml'
            cand --ssl-ca 'Who signed the masters'' certificates (PEM); switches TLS on'
            cand --ssl-cert 'Our certificate (PEM), with --ssl-key'
            cand --ssl-key 'The key of our certificate (PEM)'
            cand --format 'How to answer'
            cand --color 'When to use colour'
            cand --yes 'Answer questions with yes; replace existing files'
            cand --dry-run 'Show what a destructive command would do, and do nothing'
            cand -v 'Tell on stderr which calls are made'
            cand --verbose 'Tell on stderr which calls are made'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'dmctl;help'= {
            cand task 'Migration tasks: what is copied from which source to which target'
            cand source 'Sources: the MySQL and MariaDB servers that tasks read from'
            cand relay 'Relay logs: copies of a source''s binlog that a worker keeps'
            cand ddl-lock 'Shard DDL locks: statements that wait until every shard has reached them'
            cand member 'Members of the cluster: masters and workers'
            cand profile 'Profiles: the clusters that have a name in config.toml'
            cand serve 'Be a DM on this machine: serve the API of a cluster, and do its work'
            cand playground 'Try it out: a small shop in throw-away databases, and a session on them'
            cand completion 'Print the script with which a shell completes'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'dmctl;help;task'= {
            cand check 'Check whether a task file could run'
            cand create 'Create a task, stopped'
            cand update 'Change a stopped task to what a file says'
            cand delete 'Delete a task, with all that DM remembers of it'
            cand get 'Show a task''s configuration as a file that `create` takes'
            cand list 'List the tasks of the cluster'
            cand status 'Show how a task does, on each of its sources'
            cand start 'Start a task, or go on with a stopped one'
            cand stop 'Stop a task'
            cand verify 'Compare what a task has copied with its sources, row by row'
        }
        &'dmctl;help;task;check'= {
        }
        &'dmctl;help;task;create'= {
        }
        &'dmctl;help;task;update'= {
        }
        &'dmctl;help;task;delete'= {
        }
        &'dmctl;help;task;get'= {
        }
        &'dmctl;help;task;list'= {
        }
        &'dmctl;help;task;status'= {
        }
        &'dmctl;help;task;start'= {
        }
        &'dmctl;help;task;stop'= {
        }
        &'dmctl;help;task;verify'= {
        }
        &'dmctl;help;source'= {
            cand create 'Create a source'
            cand update 'Change a source to what a file says'
            cand delete 'Delete a source'
            cand get 'Show a source''s configuration as a file that `create` takes'
            cand list 'List the sources of the cluster'
            cand status 'Show how a source does: its worker, relay log and subtasks'
            cand enable 'Enable a disabled source; its tasks start'
            cand disable 'Disable a source; its running subtasks stop'
            cand transfer 'Move a source to a free worker'
        }
        &'dmctl;help;source;create'= {
        }
        &'dmctl;help;source;update'= {
        }
        &'dmctl;help;source;delete'= {
        }
        &'dmctl;help;source;get'= {
        }
        &'dmctl;help;source;list'= {
        }
        &'dmctl;help;source;status'= {
        }
        &'dmctl;help;source;enable'= {
        }
        &'dmctl;help;source;disable'= {
        }
        &'dmctl;help;source;transfer'= {
        }
        &'dmctl;help;relay'= {
            cand start 'Keep a relay log of a source'
            cand stop 'Keep no relay log of a source any more'
            cand purge 'Remove old relay log files'
        }
        &'dmctl;help;relay;start'= {
        }
        &'dmctl;help;relay;stop'= {
        }
        &'dmctl;help;relay;purge'= {
        }
        &'dmctl;help;ddl-lock'= {
            cand list 'List the locks that are not resolved'
            cand unlock 'Resolve a lock by hand'
        }
        &'dmctl;help;ddl-lock;list'= {
        }
        &'dmctl;help;ddl-lock;unlock'= {
        }
        &'dmctl;help;member'= {
            cand list 'List masters and workers'
            cand offline 'Take a member that is shut down out of the cluster'
            cand evict-leader 'Make a master give up the lead, and not take it again'
            cand cancel-evict-leader 'Let an evicted master take the lead again'
        }
        &'dmctl;help;member;list'= {
        }
        &'dmctl;help;member;offline'= {
        }
        &'dmctl;help;member;evict-leader'= {
        }
        &'dmctl;help;member;cancel-evict-leader'= {
        }
        &'dmctl;help;profile'= {
            cand list 'List the clusters that have a name'
            cand show 'Show what a name stands for'
        }
        &'dmctl;help;profile;list'= {
        }
        &'dmctl;help;profile;show'= {
        }
        &'dmctl;help;serve'= {
        }
        &'dmctl;help;playground'= {
        }
        &'dmctl;help;completion'= {
        }
        &'dmctl;help;help'= {
        }
    ]
    $completions[$command]
}
