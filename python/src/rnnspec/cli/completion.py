"""`rnnspec completion`: what a shell needs to complete verbs and options.

The scripts are made from the tree of options each time, so that they know all there is.
"""

import argparse
import shlex
from collections.abc import Iterator
from typing import Final, NamedTuple

NAME = "completion"
SUMMARY = "print a script that completes commands in bash, zsh or fish"
EXAMPLES = [
    "rnnspec completion bash > ~/.local/share/bash-completion/completions/rnnspec",
    'rnnspec completion zsh > "${fpath[1]}/_rnnspec"',
    "rnnspec completion fish > ~/.config/fish/completions/rnnspec.fish",
]


class Option(NamedTuple):
    """An option, by all its names."""

    names: tuple[str, ...]
    takes: bool  # a value
    choices: tuple[str, ...]  # of the value
    files: bool  # whether the value is the path of one
    help: str


class Verb(NamedTuple):
    """A verb, or what stands before it (with the name '')."""

    name: str
    help: str
    options: tuple[Option, ...]
    choices: tuple[str, ...]  # of its arguments; none where they are files


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("shell", choices=list(_SHELLS), metavar="SHELL", help="bash, zsh or fish")


def action(options: argparse.Namespace) -> int:
    """Prints the script."""
    print("\n".join(_SHELLS[options.shell](list(verbs(options.tree)))))
    return 0


def verbs(tree: argparse.ArgumentParser) -> Iterator[Verb]:
    """The verbs of a tree, the tree itself first."""
    (sub,) = (action for action in tree._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001  argparse tells nobody
    yield Verb("", "", _options(tree), tuple(sub.choices))
    helps = {action.dest: action.help or "" for action in sub._choices_actions}  # noqa: SLF001  as above
    for name, parser in sub.choices.items():
        choices = [
            str(choice)
            for action in parser._actions  # noqa: SLF001  as above
            if not action.option_strings
            for choice in action.choices or ()
        ]
        yield Verb(name, helps[name], _options(parser), tuple(choices))


def _options(parser: argparse.ArgumentParser) -> tuple[Option, ...]:
    return tuple(
        Option(
            tuple(action.option_strings),
            action.nargs != 0,
            tuple(map(str, action.choices or ())),
            # Numbers have a type, texts and names these words; what is left are paths.
            not action.choices and action.type is None and action.metavar not in {"TEXT", "NAME"},
            (action.help or "").replace("%%", "%"),
        )
        for action in parser._actions  # noqa: SLF001  as above
        if action.option_strings
    )


# --- bash -----------------------------------------------------------------------------------------


def _bash(found: list[Verb]) -> Iterator[str]:
    rest = found[1:]
    yield "# rnnspec: made by `rnnspec completion bash`"
    yield "_rnnspec_files() {"
    yield "  local IFS=$'\\n'  # names may hold spaces"
    yield '  COMPREPLY=($(compgen -f -- "$word"))'
    yield "}"
    yield "_rnnspec() {"
    yield '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" verb= words= i'
    # `--format=json` comes as three words.
    yield '  if [[ $word == "=" ]]; then word=; elif [[ $before == "=" ]]; then before="${COMP_WORDS[COMP_CWORD-2]}"; fi'
    yield "  for ((i = 1; i < COMP_CWORD; i++)); do"
    yield '    case "${COMP_WORDS[i]}" in'
    yield f"      {'|'.join(verb.name for verb in rest)}) verb=${{COMP_WORDS[i]}}; break;;"
    yield "    esac"
    yield "  done"
    yield "  COMPREPLY=()"
    yield '  case "$verb $before" in'
    for verb in found:
        for option in verb.options:
            if not option.takes:
                continue
            patterns = "|".join(shlex.quote(f"{verb.name} {name}") for name in option.names)
            yield f"    {patterns}) {_bash_reply(option)}return;;"
    yield "  esac"
    yield '  case "$verb" in'
    for verb in found:
        names = " ".join(name for option in verb.options for name in option.names)
        values = " ".join(verb.choices)
        yield f'    "{verb.name}") words={shlex.quote(names)}; [[ $word == -* ]] || words={shlex.quote(values)};;'
    yield "  esac"
    yield '  if [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$word"))'
    yield "  else _rnnspec_files; fi"
    yield "}"
    yield "complete -o filenames -F _rnnspec rnnspec"


def _bash_reply(option: Option) -> str:
    if option.files:
        return "_rnnspec_files; "
    words = shlex.quote(" ".join(option.choices))
    return f'COMPREPLY=($(compgen -W {words} -- "$word")); ' if option.choices else ""


# --- zsh ------------------------------------------------------------------------------------------


def _zsh(found: list[Verb]) -> Iterator[str]:
    top, *rest = found
    yield "#compdef rnnspec"
    yield "# rnnspec: made by `rnnspec completion zsh`"
    yield "_rnnspec() {"
    yield "  local context state state_descr line"
    yield "  typeset -A opt_args"
    yield "  _arguments -C \\"
    for option in top.options:
        yield f"    {_zsh_option(option)} \\"
    yield "    '1:verb:->verb' '*::argument:->argument'"
    yield '  case "$state" in'
    yield "    verb)"
    yield "      local -a verbs=("
    for verb in rest:
        yield f"        {shlex.quote(verb.name + ':' + verb.help.replace(':', '.'))}"
    yield "      )"
    yield "      _describe verb verbs;;"
    yield "    argument)"
    yield '      case "$line[1]" in'
    for verb in rest:
        yield f"        {verb.name})"
        yield "          _arguments \\"
        for option in verb.options:
            yield f"            {_zsh_option(option)} \\"
        values = f"({' '.join(verb.choices)})" if verb.choices else "_files"
        yield f"            '*:argument:{values}';;"
    yield "      esac;;"
    yield "  esac"
    yield "}"
    yield '_rnnspec "$@"'


def _zsh_option(option: Option) -> str:
    text = "".join(c for c in option.help if c not in "[]:")
    value = ""
    if option.takes:
        what = f"({' '.join(option.choices)})" if option.choices else "_files" * option.files
        value = f":value:{what}"
    specs = [shlex.quote(f"*{name}[{text}]{value}") for name in option.names]
    return " ".join(specs)


# --- fish -----------------------------------------------------------------------------------------


def _fish(found: list[Verb]) -> Iterator[str]:
    rest = found[1:]
    yield "# rnnspec: made by `rnnspec completion fish`"
    for verb in rest:
        yield f"complete -c rnnspec -n __fish_use_subcommand -f -a {verb.name} -d {_fish_quoted(verb.help)}"
    for verb in found:
        where = (
            f"'__fish_seen_subcommand_from {verb.name}'" if verb.name else "__fish_use_subcommand"
        )
        for option in verb.options:
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                for name in option.names
            )
            value = ""
            if option.takes:
                words = " ".join(option.choices)
                value = " -r" if option.files else f" -x -a {_fish_quoted(words)}"
            yield f"complete -c rnnspec -n {where} {names}{value} -d {_fish_quoted(option.help)}"
        if verb.name and verb.choices:
            yield f"complete -c rnnspec -n {where} -f -a {_fish_quoted(' '.join(verb.choices))}"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_SHELLS: Final = {"bash": _bash, "zsh": _zsh, "fish": _fish}
