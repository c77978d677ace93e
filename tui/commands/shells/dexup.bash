# Completes dexup in bash. Made by tests/support/completions.py.
_dexup() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path="" plain="" options=""
    local word index choices=""
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        case "${path:+$path }$word" in
            'check'|'guess'|'upload'|'queue'|'queue add'|'queue list'|'queue set'|'queue remove'|'queue move'|'queue pause'|'queue retry'|'queue run'|'queue export'|'queue import'|'queue clear'|'edit'|'resume'|'session'|'abandon'|'history'|'terms'|'login'|'logout'|'whoami'|'completions'|'sandbox') path="${path:+$path }$word" ;;
        esac
    done
    case "$path" in
        '') plain='check guess upload queue edit resume session abandon history terms login logout whoami completions sandbox' options='-h --help --version --screen-reader --sandbox --sandbox-data --uplink' ;;
        'check') plain='' options='-h --help --order --fix --json' ;;
        'guess') plain='' options='-h --help --write --force --json' ;;
        'upload') plain='' options='-h --help --queue --manga --group --no-group --volume --chapter --title --lang --publish-at --external-url --order --on-session --on-duplicate --accept-terms --no-commit --wait --write-toml --limit --keep-free --json' ;;
        'queue') plain='add list set remove move pause retry run export import clear' options='-h --help' ;;
        'queue add') plain='' options='-h --help --json --manga --lang --volume --publish-at --group' ;;
        'queue list') plain='' options='-h --help --json' ;;
        'queue set') plain='' options='-h --help --json' ;;
        'queue remove') plain='' options='-h --help --json' ;;
        'queue move') plain='' options='-h --help --json' ;;
        'queue pause') plain='' options='-h --help --json' ;;
        'queue retry') plain='' options='-h --help --json' ;;
        'queue run') plain='' options='-h --help --json --accept-terms --limit --keep-free' ;;
        'queue export') plain='' options='-h --help --json --force' ;;
        'queue import') plain='' options='-h --help --json' ;;
        'queue clear') plain='' options='-h --help --json --committed' ;;
        'edit') plain='' options='-h --help --volume --chapter --title --lang --group --no-group --pages --order --on-session --accept-terms --no-commit --limit --keep-free --json' ;;
        'resume') plain='' options='-h --help --accept-terms --no-commit --limit --keep-free --json' ;;
        'session') plain='' options='-h --help --json' ;;
        'abandon') plain='' options='-h --help --yes --json' ;;
        'history') plain='' options='-h --help --limit --search --state --refresh --json' ;;
        'terms') plain='' options='-h --help --account --revoke --json' ;;
        'login') plain='' options='-h --help --client-id --username' ;;
        'logout') plain='' options='-h --help --account' ;;
        'whoami') plain='' options='-h --help --json' ;;
        'completions') plain='bash zsh fish' options='-h --help' ;;
        'sandbox') plain='' options='-h --help --port --data --latency --uplink --token-life --refresh-life --reusable-refresh --approval-required --approval-after --external-urls --no-rate-limits --ban-after --lenient-terms --processing --lose-pages --session-life --no-session-files --refuse-same-content --empty-as-lists' ;;
    esac
    case "$path $before" in
        'check --order') choices='natural name plain time size pixels' ;;
        'upload --order') choices='natural name plain time size pixels' ;;
        'upload --on-session') choices='fail resume abandon' ;;
        'upload --on-duplicate') choices='warn fail' ;;
        'edit --on-session') choices='fail resume abandon' ;;
    esac
    if [[ -n $choices ]]; then COMPREPLY=($(compgen -W "$choices" -- "$current"))
    elif [[ $current == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$current"))
    elif [[ -n $plain ]]; then COMPREPLY=($(compgen -W "$plain" -- "$current"))
    fi
}
complete -o default -o bashdefault -F _dexup dexup
