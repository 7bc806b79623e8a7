program=$(command -v iovsim)
mkdir only && ln -s "$(readlink "$program")" only/iovsim
(PATH=$PWD/only exec iovsim plot swept.yaml -q --set repeat=1 --out figures)
ls -A figures
