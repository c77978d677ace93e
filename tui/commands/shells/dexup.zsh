#compdef dexup
# Completes dexup in zsh. Made by tests/support/completions.py.
_dexup() {
    local path_words="" word index
    local -a commands options
    for ((index = 2; index < CURRENT; index++)); do
        word=${words[index]}
        case "${path_words:+$path_words }$word" in
            ('check'|'guess'|'upload'|'queue'|'queue add'|'queue list'|'queue set'|'queue remove'|'queue move'|'queue pause'|'queue retry'|'queue run'|'queue export'|'queue import'|'queue clear'|'edit'|'resume'|'session'|'abandon'|'history'|'terms'|'login'|'logout'|'whoami'|'completions'|'sandbox') path_words="${path_words:+$path_words }$word" ;;
        esac
    done
    case "$path_words" in
        ('')
            commands=('check:look for everything wrong with a chapter; sends nothing' 'guess:what dexup would fill in for a chapter, and from where; sends nothing' 'upload:upload a chapter and commit it' 'queue:many chapters, one after the other' 'edit:change a chapter that is published: its details, or its pages' 'resume:finish the interrupted upload' 'session:show the upload session that is open on the server' 'abandon:delete the open upload session and its pages' 'history:what was committed from this machine' 'terms:show the upload terms, and take back that they were accepted for a time' 'login:log in and stay logged in' 'logout:forget the account' 'whoami:say who is logged in' 'completions:print the script with which bash, zsh or fish completes dexup'\''s command line' 'sandbox:run only the sandbox server, for scripts and tests')
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--version:show program'\''s version number and exit' '--screen-reader:line by line, without a screen - for screen readers, braille displays and any terminal' '--sandbox:try everything against a built-in stand-in for the service, with sample chapters' '--sandbox-data:with --sandbox - write the committed chapters there' '--uplink:with --sandbox - speed of the line in kilobits a second, 0 for no limit') ;;
        ('check')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--order:order of the pages' '--fix:write the mended chapter to this new folder' '--json:print one JSON object a line') ;;
        ('guess')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--write:write it to dexup.toml in each folder, or beside each archive' '--force:with --write - replace a dexup.toml that is there' '--json:print one JSON object a line') ;;
        ('upload')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--queue:upload all chapters of a .csv or .toml file instead, one after the other' '--manga:id or link of the title, unless dexup.toml or the memory has it' '--group:id or link of a group' '--no-group:no group, on purpose' '--volume:number, or "" for none' '--chapter:number, or "" for a oneshot' '--title:title of the chapter, or "" for none' '--lang:language of the pages, such as en or pt-br' '--publish-at:publish later - YYYY-MM-DDTHH -MM+01 -00' '--external-url:link to the chapter on another site' '--order:order of the pages' '--on-session:what to do when the account has an upload session open - fail' '--on-duplicate:what to do when the same chapter by these groups is there already, or its pages were committed before as another one - warn and upload it all the same' '--accept-terms:you accept the upload terms - https -//mangadex.org/compliance' '--no-commit:send the pages, do not publish' '--wait:after the commit, wait up to S seconds until MangaDex shows what became of the chapter' '--write-toml:write the details to dexup.toml in the folder first' '--limit:cap of the bandwidth in kilobits a second, 0 for none' '--keep-free:leave this share of the uplink to others, 0 to 80' '--json:print one JSON object a line') ;;
        ('queue')
            commands=('add:append chapters; a folder of chapters stands for all of them' 'list:show the queue' 'set:change fields: set 3-9 volume=2 groups=ID chapter=+1' 'remove:take entries out of the queue; the files stay' 'move:put entries at a place, counted from 1' 'pause:leave entries out of the next runs' 'retry:take up entries that were paused or had failed' 'run:upload and commit every entry in its order; never asks' 'export:write the queue to a .csv or .toml file' 'import:read a .csv or .toml file: chapters that are in the queue change, others are added' 'clear:take every entry out of the queue that was not begun')
            options=('-h:show this help message and exit' '--help:show this help message and exit') ;;
        ('queue add')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line' '--manga:id or link of the title' '--lang:language of the pages, such as en or pt-br' '--volume:volume number' '--publish-at:publish later - YYYY-MM-DDTHH -MM+01 -00' '--group:id or link of a group') ;;
        ('queue list')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line') ;;
        ('queue set')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line') ;;
        ('queue remove')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line') ;;
        ('queue move')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line') ;;
        ('queue pause')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line') ;;
        ('queue retry')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line') ;;
        ('queue run')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line' '--accept-terms:you accept the upload terms - https -//mangadex.org/compliance' '--limit:cap of the bandwidth in kilobits a second, 0 for none' '--keep-free:leave this share of the uplink to others, 0 to 80') ;;
        ('queue export')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line' '--force:replace a file that is there') ;;
        ('queue import')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line') ;;
        ('queue clear')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line' '--committed:only those that are committed') ;;
        ('edit')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--volume:number, or "" for none' '--chapter:number, or "" for a oneshot' '--title:title of the chapter, or "" for none' '--lang:language of the pages, such as en or pt-br' '--group:id or link of a group, in the place of those that are there' '--no-group:no group, in the place of those there' '--pages:new pages - folders, archives, images' '--order:the pages of the chapter - numbers of its pages now, ranges, and the word new for those of --pages' '--on-session:what to do when the account has an upload session open - fail' '--accept-terms:you accept the upload terms - https -//mangadex.org/compliance' '--no-commit:send new pages, do not change the chapter' '--limit:cap of the bandwidth in kilobits a second, 0 for none' '--keep-free:leave this share of the uplink to others, 0 to 80' '--json:print one JSON object a line') ;;
        ('resume')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--accept-terms:commit' '--no-commit:send the pages, do not publish' '--limit:cap of the bandwidth in kilobits a second, 0 for none' '--keep-free:leave this share of the uplink to others, 0 to 80' '--json:print one JSON object a line') ;;
        ('session')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line') ;;
        ('abandon')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--yes:really delete it' '--json:print one JSON object a line') ;;
        ('history')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--limit:at most so many receipts' '--search:only what holds this phrase, or else all these words - title, group, folder …' '--state:only this state, repeatable - committed, processing, waiting for approval, scheduled, visible, not seen, not shown any more, outcome unknown, interrupted' '--refresh:ask MangaDex first what became of them' '--json:print one JSON object a line') ;;
        ('terms')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--account:user name' '--revoke:accept them at each commit again' '--json:print one JSON object a line') ;;
        ('login')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--client-id:id of the personal client' '--username:user name on MangaDex') ;;
        ('logout')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--account:this account instead of the current one') ;;
        ('whoami')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--json:print one JSON object a line') ;;
        ('completions')
            commands=('bash' 'zsh' 'fish')
            options=('-h:show this help message and exit' '--help:show this help message and exit') ;;
        ('sandbox')
            commands=()
            options=('-h:show this help message and exit' '--help:show this help message and exit' '--port:0, the default, takes any free port' '--data:keep committed chapters below DIR/chapters' '--latency:wait before every answer' '--uplink:speed of the uploads in kilobits a second' '--token-life:life of an access token' '--refresh-life:life of a refresh token' '--reusable-refresh:a refresh token may be exchanged more than once' '--approval-required:staff approves its uploads first' '--approval-after:with --approval-required - staff approves after S seconds' '--external-urls:it may link to chapters elsewhere' '--no-rate-limits:never answer 429' '--ban-after:ban for a minute after N refused requests in a minute' '--lenient-terms:commit without accepted terms' '--processing:time until a chapter is listed' '--lose-pages:count N pages fewer after processing' '--session-life:an untouched session vanishes after S' '--no-session-files:do not list the files of an open session' '--refuse-same-content:a session takes the same bytes only once' '--empty-as-lists:send every empty map as []') ;;
    esac
    case "$path_words ${words[CURRENT-1]}" in
        ('check --order') compadd natural name plain time size pixels; return ;;
        ('upload --order') compadd natural name plain time size pixels; return ;;
        ('upload --on-session') compadd fail resume abandon; return ;;
        ('upload --on-duplicate') compadd warn fail; return ;;
        ('edit --on-session') compadd fail resume abandon; return ;;
    esac
    if [[ ${words[CURRENT]} == -* ]]; then _describe option options; return; fi
    (( ${#commands} )) && _describe command commands
    _files
}
_dexup "$@"
