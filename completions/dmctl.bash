# bash completion for dmctl, for bash 4.4 and later.
#
# Put it into ~/.local/share/bash-completion/completions/dmctl, or source it from ~/.bashrc. `dmctl` must be on the PATH.
# What dmctl answers is text: no part of it, and none of what was typed, is evaluated here.

_dmctl() {
	# Of the line, in letters: bash counts the cursor so.
	local left=${COMP_LINE:0:COMP_POINT} right=${COMP_LINE:COMP_POINT}
	local columns=()
	# Tab for the second time: what follows is only looked at, so that it can have descriptions.
	[[ $COMP_TYPE == 63 ]] && columns=("--columns=${COLUMNS:-80}")
	local answer
	answer=$(command dmctl complete bash --left="$left" --right="$right" --replaced="$2" "${columns[@]}" 2>/dev/null </dev/null) || return 0
	local lines=()
	mapfile -t lines <<<"$answer"
	COMPREPLY=("${lines[@]:1}")
	case ${lines[0]} in
	nospace) compopt -o nospace ;;
	files) compopt -o default ;;
	esac
}

complete -o nosort -F _dmctl dmctl
