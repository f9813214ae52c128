# fish completion of hjhub: commands and options come from `hjhub --help`, so they cannot differ from it.
complete -c hjhub -n __fish_use_subcommand -f \
    -a "--help --version (hjhub --help | string replace -rf '^  hjhub ([a-z-]+) .*' '\$1')"
complete -c hjhub -n 'not __fish_use_subcommand' \
    -a "(hjhub (commandline -opc)[2] --help 2>/dev/null | string match -ra -- '--[a-z-]+')"
