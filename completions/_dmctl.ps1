
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'dmctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'dmctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'dmctl' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--keep-going', '--keep-going', [CompletionResultType]::ParameterName, 'With commands from a pipe: go on after a command that failed')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('task', 'task', [CompletionResultType]::ParameterValue, 'Migration tasks: what is copied from which source to which target')
            [CompletionResult]::new('source', 'source', [CompletionResultType]::ParameterValue, 'Sources: the MySQL and MariaDB servers that tasks read from')
            [CompletionResult]::new('relay', 'relay', [CompletionResultType]::ParameterValue, 'Relay logs: copies of a source''s binlog that a worker keeps')
            [CompletionResult]::new('ddl-lock', 'ddl-lock', [CompletionResultType]::ParameterValue, 'Shard DDL locks: statements that wait until every shard has reached them')
            [CompletionResult]::new('member', 'member', [CompletionResultType]::ParameterValue, 'Members of the cluster: masters and workers')
            [CompletionResult]::new('profile', 'profile', [CompletionResultType]::ParameterValue, 'Profiles: the clusters that have a name in config.toml')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Be a DM on this machine: serve the API of a cluster, and do its work')
            [CompletionResult]::new('playground', 'playground', [CompletionResultType]::ParameterValue, 'Try it out: a small shop in throw-away databases, and a session on them')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the script with which a shell completes')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;task' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check whether a task file could run')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a task, stopped')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change a stopped task to what a file says')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a task, with all that DM remembers of it')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show a task''s configuration as a file that `create` takes')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tasks of the cluster')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a task does, on each of its sources')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start a task, or go on with a stopped one')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop a task')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Compare what a task has copied with its sources, row by row')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;task;check' {
            [CompletionResult]::new('--error-count', '--error-count', [CompletionResultType]::ParameterName, 'How many errors to show at most; -1 for all')
            [CompletionResult]::new('--warn-count', '--warn-count', [CompletionResultType]::ParameterName, 'How many warnings to show at most; -1 for all')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;task;create' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lossy', '--lossy', [CompletionResultType]::ParameterName, 'Create it also when parts of the file can''t be carried, and list them')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;task;update' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lossy', '--lossy', [CompletionResultType]::ParameterName, 'Send it also when parts of the file can''t be carried, and list them')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;task;delete' {
            [CompletionResult]::new('--wait-timeout', '--wait-timeout', [CompletionResultType]::ParameterName, 'How long to wait for it to take effect, as in 90s or 1h30m')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Delete it also while it runs, or while its target can''t be reached')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Return as soon as the cluster has accepted the change')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;task;get' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write it to this file, readable by you only, instead of showing it')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Show the target''s password instead of ****** (needs the REST API)')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;task;list' {
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'Only tasks that read any of these sources')
            [CompletionResult]::new('--stage', '--stage', [CompletionResultType]::ParameterName, 'Only tasks in this stage')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;task;status' {
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'Only the subtasks of these sources')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until every subtask is there: running, stopped, finished, or lag<DURATION. Ends with 1 when an error keeps the task from getting there, with 124 when the time is up')
            [CompletionResult]::new('--wait-timeout', '--wait-timeout', [CompletionResultType]::ParameterName, 'How long to wait at most, as in 90s or 1h30m (without it: as long as it takes)')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Show it again every 2 seconds, in place and with progress bars, until a key is pressed')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;task;start' {
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'Only on these sources')
            [CompletionResult]::new('--start-time', '--start-time', [CompletionResultType]::ParameterName, 'Read the binlog from this time on, in the time zone of the source, as in ''2026-01-31 08:00:00''')
            [CompletionResult]::new('--safe-mode-time-duration', '--safe-mode-time-duration', [CompletionResultType]::ParameterName, 'How long to apply changes in safe mode after the start, as in 60s')
            [CompletionResult]::new('--wait-timeout', '--wait-timeout', [CompletionResultType]::ParameterName, 'How long to wait for it to take effect, as in 90s or 1h30m')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--remove-meta', '--remove-meta', [CompletionResultType]::ParameterName, 'Forget how far the task is and copy everything again')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Return as soon as the cluster has accepted the change')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;task;stop' {
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'Only on these sources')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long running transactions may take to end before they are cut off (without it: 10s)')
            [CompletionResult]::new('--wait-timeout', '--wait-timeout', [CompletionResultType]::ParameterName, 'How long to wait for it to take effect, as in 90s or 1h30m')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Return as soon as the cluster has accepted the change')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;task;verify' {
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'Only the tables of the target that these sources feed')
            [CompletionResult]::new('--rows', '--rows', [CompletionResultType]::ParameterName, 'How many rows to show of each table at most; all are counted')
            [CompletionResult]::new('--wait-timeout', '--wait-timeout', [CompletionResultType]::ParameterName, 'How long it may take, as in 90s or 1h30m (without it: as long as it takes)')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--show-values', '--show-values', [CompletionResultType]::ParameterName, 'Show the values of rows that differ, and not their keys only')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;task;help' {
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check whether a task file could run')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a task, stopped')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change a stopped task to what a file says')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a task, with all that DM remembers of it')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show a task''s configuration as a file that `create` takes')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tasks of the cluster')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a task does, on each of its sources')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start a task, or go on with a stopped one')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop a task')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Compare what a task has copied with its sources, row by row')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;task;help;check' {
            break
        }
        'dmctl;task;help;create' {
            break
        }
        'dmctl;task;help;update' {
            break
        }
        'dmctl;task;help;delete' {
            break
        }
        'dmctl;task;help;get' {
            break
        }
        'dmctl;task;help;list' {
            break
        }
        'dmctl;task;help;status' {
            break
        }
        'dmctl;task;help;start' {
            break
        }
        'dmctl;task;help;stop' {
            break
        }
        'dmctl;task;help;verify' {
            break
        }
        'dmctl;task;help;help' {
            break
        }
        'dmctl;source' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a source')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change a source to what a file says')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a source')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show a source''s configuration as a file that `create` takes')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the sources of the cluster')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a source does: its worker, relay log and subtasks')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Enable a disabled source; its tasks start')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Disable a source; its running subtasks stop')
            [CompletionResult]::new('transfer', 'transfer', [CompletionResultType]::ParameterValue, 'Move a source to a free worker')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;source;create' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;source;update' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--lossy', '--lossy', [CompletionResultType]::ParameterName, 'Send it also when that resets settings that the REST API can''t carry, and list them')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;source;delete' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Delete it also while tasks read from it, with their subtasks')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;source;get' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write it to this file, readable by you only, instead of showing it')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;source;list' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;source;status' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;source;enable' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;source;disable' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;source;transfer' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;source;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a source')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change a source to what a file says')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a source')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show a source''s configuration as a file that `create` takes')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the sources of the cluster')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a source does: its worker, relay log and subtasks')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Enable a disabled source; its tasks start')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Disable a source; its running subtasks stop')
            [CompletionResult]::new('transfer', 'transfer', [CompletionResultType]::ParameterValue, 'Move a source to a free worker')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;source;help;create' {
            break
        }
        'dmctl;source;help;update' {
            break
        }
        'dmctl;source;help;delete' {
            break
        }
        'dmctl;source;help;get' {
            break
        }
        'dmctl;source;help;list' {
            break
        }
        'dmctl;source;help;status' {
            break
        }
        'dmctl;source;help;enable' {
            break
        }
        'dmctl;source;help;disable' {
            break
        }
        'dmctl;source;help;transfer' {
            break
        }
        'dmctl;source;help;help' {
            break
        }
        'dmctl;relay' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Keep a relay log of a source')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Keep no relay log of a source any more')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Remove old relay log files')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;relay;start' {
            [CompletionResult]::new('--worker-name', '--worker-name', [CompletionResultType]::ParameterName, 'On this worker instead of the one that serves the source')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;relay;stop' {
            [CompletionResult]::new('--worker-name', '--worker-name', [CompletionResultType]::ParameterName, 'On this worker instead of the one that serves the source')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;relay;purge' {
            [CompletionResult]::new('--sub-dir', '--sub-dir', [CompletionResultType]::ParameterName, 'The folder of the relay log that the file is in (without it: the newest)')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;relay;help' {
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Keep a relay log of a source')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Keep no relay log of a source any more')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Remove old relay log files')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;relay;help;start' {
            break
        }
        'dmctl;relay;help;stop' {
            break
        }
        'dmctl;relay;help;purge' {
            break
        }
        'dmctl;relay;help;help' {
            break
        }
        'dmctl;ddl-lock' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the locks that are not resolved')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Resolve a lock by hand')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;ddl-lock;list' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;ddl-lock;unlock' {
            [CompletionResult]::new('--source', '--source', [CompletionResultType]::ParameterName, 'The source whose part of an optimistic lock is resolved')
            [CompletionResult]::new('--database', '--database', [CompletionResultType]::ParameterName, 'The database of that source')
            [CompletionResult]::new('--table', '--table', [CompletionResultType]::ParameterName, 'The table of that source')
            [CompletionResult]::new('--action', '--action', [CompletionResultType]::ParameterName, 'Whether its statement is skipped or executed')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The source that executes the statement of a pessimistic lock, instead of the lock''s owner')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--force-remove', '--force-remove', [CompletionResultType]::ParameterName, 'Remove the lock also when its owner fails to execute the statement')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;ddl-lock;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the locks that are not resolved')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Resolve a lock by hand')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;ddl-lock;help;list' {
            break
        }
        'dmctl;ddl-lock;help;unlock' {
            break
        }
        'dmctl;ddl-lock;help;help' {
            break
        }
        'dmctl;member' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List masters and workers')
            [CompletionResult]::new('offline', 'offline', [CompletionResultType]::ParameterValue, 'Take a member that is shut down out of the cluster')
            [CompletionResult]::new('evict-leader', 'evict-leader', [CompletionResultType]::ParameterValue, 'Make a master give up the lead, and not take it again')
            [CompletionResult]::new('cancel-evict-leader', 'cancel-evict-leader', [CompletionResultType]::ParameterValue, 'Let an evicted master take the lead again')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;member;list' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Only the members of these names')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Only members of this role')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;member;offline' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;member;evict-leader' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;member;cancel-evict-leader' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;member;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List masters and workers')
            [CompletionResult]::new('offline', 'offline', [CompletionResultType]::ParameterValue, 'Take a member that is shut down out of the cluster')
            [CompletionResult]::new('evict-leader', 'evict-leader', [CompletionResultType]::ParameterValue, 'Make a master give up the lead, and not take it again')
            [CompletionResult]::new('cancel-evict-leader', 'cancel-evict-leader', [CompletionResultType]::ParameterValue, 'Let an evicted master take the lead again')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;member;help;list' {
            break
        }
        'dmctl;member;help;offline' {
            break
        }
        'dmctl;member;help;evict-leader' {
            break
        }
        'dmctl;member;help;cancel-evict-leader' {
            break
        }
        'dmctl;member;help;help' {
            break
        }
        'dmctl;profile' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the clusters that have a name')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what a name stands for')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;profile;list' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;profile;show' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;profile;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the clusters that have a name')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what a name stands for')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;profile;help;list' {
            break
        }
        'dmctl;profile;help;show' {
            break
        }
        'dmctl;profile;help;help' {
            break
        }
        'dmctl;serve' {
            [CompletionResult]::new('--addr', '--addr', [CompletionResultType]::ParameterName, 'Where to listen')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where to keep what must outlive it; a folder of its own in the data folder of the user unless it is given')
            [CompletionResult]::new('--workers', '--workers', [CompletionResultType]::ParameterName, 'How many sources it can serve')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-token', '--no-token', [CompletionResultType]::ParameterName, 'Let in whoever is on this machine, without a token')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;playground' {
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Put everything into this folder, which must be new or empty, and leave it there at the end')
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--script', '--script', [CompletionResultType]::ParameterName, 'Go through a whole migration by itself, and tell how it ended; also without a terminal')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;completion' {
            [CompletionResult]::new('--master-addr', '--master-addr', [CompletionResultType]::ParameterName, 'Where the masters listen: host:port, several with commas')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The cluster of this name in config.toml')
            [CompletionResult]::new('--ssl-ca', '--ssl-ca', [CompletionResultType]::ParameterName, 'Who signed the masters'' certificates (PEM); switches TLS on')
            [CompletionResult]::new('--ssl-cert', '--ssl-cert', [CompletionResultType]::ParameterName, 'Our certificate (PEM), with --ssl-key')
            [CompletionResult]::new('--ssl-key', '--ssl-key', [CompletionResultType]::ParameterName, 'The key of our certificate (PEM)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to answer')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer questions with yes; replace existing files')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what a destructive command would do, and do nothing')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell on stderr which calls are made')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dmctl;help' {
            [CompletionResult]::new('task', 'task', [CompletionResultType]::ParameterValue, 'Migration tasks: what is copied from which source to which target')
            [CompletionResult]::new('source', 'source', [CompletionResultType]::ParameterValue, 'Sources: the MySQL and MariaDB servers that tasks read from')
            [CompletionResult]::new('relay', 'relay', [CompletionResultType]::ParameterValue, 'Relay logs: copies of a source''s binlog that a worker keeps')
            [CompletionResult]::new('ddl-lock', 'ddl-lock', [CompletionResultType]::ParameterValue, 'Shard DDL locks: statements that wait until every shard has reached them')
            [CompletionResult]::new('member', 'member', [CompletionResultType]::ParameterValue, 'Members of the cluster: masters and workers')
            [CompletionResult]::new('profile', 'profile', [CompletionResultType]::ParameterValue, 'Profiles: the clusters that have a name in config.toml')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Be a DM on this machine: serve the API of a cluster, and do its work')
            [CompletionResult]::new('playground', 'playground', [CompletionResultType]::ParameterValue, 'Try it out: a small shop in throw-away databases, and a session on them')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the script with which a shell completes')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'dmctl;help;task' {
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check whether a task file could run')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a task, stopped')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change a stopped task to what a file says')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a task, with all that DM remembers of it')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show a task''s configuration as a file that `create` takes')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tasks of the cluster')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a task does, on each of its sources')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start a task, or go on with a stopped one')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop a task')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Compare what a task has copied with its sources, row by row')
            break
        }
        'dmctl;help;task;check' {
            break
        }
        'dmctl;help;task;create' {
            break
        }
        'dmctl;help;task;update' {
            break
        }
        'dmctl;help;task;delete' {
            break
        }
        'dmctl;help;task;get' {
            break
        }
        'dmctl;help;task;list' {
            break
        }
        'dmctl;help;task;status' {
            break
        }
        'dmctl;help;task;start' {
            break
        }
        'dmctl;help;task;stop' {
            break
        }
        'dmctl;help;task;verify' {
            break
        }
        'dmctl;help;source' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a source')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change a source to what a file says')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a source')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show a source''s configuration as a file that `create` takes')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the sources of the cluster')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how a source does: its worker, relay log and subtasks')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Enable a disabled source; its tasks start')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Disable a source; its running subtasks stop')
            [CompletionResult]::new('transfer', 'transfer', [CompletionResultType]::ParameterValue, 'Move a source to a free worker')
            break
        }
        'dmctl;help;source;create' {
            break
        }
        'dmctl;help;source;update' {
            break
        }
        'dmctl;help;source;delete' {
            break
        }
        'dmctl;help;source;get' {
            break
        }
        'dmctl;help;source;list' {
            break
        }
        'dmctl;help;source;status' {
            break
        }
        'dmctl;help;source;enable' {
            break
        }
        'dmctl;help;source;disable' {
            break
        }
        'dmctl;help;source;transfer' {
            break
        }
        'dmctl;help;relay' {
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Keep a relay log of a source')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Keep no relay log of a source any more')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Remove old relay log files')
            break
        }
        'dmctl;help;relay;start' {
            break
        }
        'dmctl;help;relay;stop' {
            break
        }
        'dmctl;help;relay;purge' {
            break
        }
        'dmctl;help;ddl-lock' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the locks that are not resolved')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Resolve a lock by hand')
            break
        }
        'dmctl;help;ddl-lock;list' {
            break
        }
        'dmctl;help;ddl-lock;unlock' {
            break
        }
        'dmctl;help;member' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List masters and workers')
            [CompletionResult]::new('offline', 'offline', [CompletionResultType]::ParameterValue, 'Take a member that is shut down out of the cluster')
            [CompletionResult]::new('evict-leader', 'evict-leader', [CompletionResultType]::ParameterValue, 'Make a master give up the lead, and not take it again')
            [CompletionResult]::new('cancel-evict-leader', 'cancel-evict-leader', [CompletionResultType]::ParameterValue, 'Let an evicted master take the lead again')
            break
        }
        'dmctl;help;member;list' {
            break
        }
        'dmctl;help;member;offline' {
            break
        }
        'dmctl;help;member;evict-leader' {
            break
        }
        'dmctl;help;member;cancel-evict-leader' {
            break
        }
        'dmctl;help;profile' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the clusters that have a name')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what a name stands for')
            break
        }
        'dmctl;help;profile;list' {
            break
        }
        'dmctl;help;profile;show' {
            break
        }
        'dmctl;help;serve' {
            break
        }
        'dmctl;help;playground' {
            break
        }
        'dmctl;help;completion' {
            break
        }
        'dmctl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
