# Runs a pcscd of its own, with vpcd listening at PORT and PORT+1, for as long as standard
# input stays open. Whoever holds the other end ends it by closing it, even by being killed.
#
#   sh pcscd.sh PORT [LINE]
#
# PORT 0 means no vpcd. LINE is the path of a serial line with a CCID reader, which libccid
# drives as a GemPC Twin; it has to be there first. With neither, this pcscd has no reader.
#
# Commands on standard input, a word a line; each is answered with a line:
#   kill    ends pcscd with SIGKILL             killed
#   start   starts it again at the same place   as at the beginning
# The answer at the beginning: "pcscd PID FOLDER", else "cannot " and why. FOLDER holds run/pcscd,
# which pcscd takes for /run/pcscd, and log. Nothing is left of it in the end.
#
# The drivers' folder is hidden from this pcscd: it leaves the machine's real readers alone.
set -u
port=$1
line=${2:-}
PATH=$PATH:/usr/sbin:/usr/local/sbin

cannot() { echo "cannot $*"; exit 1; }

for program in pcscd unshare mktemp; do
    command -v "$program" >/dev/null || cannot "find $program: run scripts/setup test"
done
driver=
for drivers in /usr/lib/pcsc/drivers /usr/lib64/pcsc/drivers /usr/local/lib/pcsc/drivers; do
    driver=$drivers/serial/libifdvpcd.so
    [ ! -e "$driver" ] || break
done
[ -e "$driver" ] || cannot "find vpcd's driver libifdvpcd.so: run scripts/setup test"
ccid=$drivers/serial/libccidtwin.so
[ -z "$line" ] || [ -e "$ccid" ] ||
    cannot "find libccid's driver libccidtwin.so: run scripts/setup test"

# Root needs a mount namespace only; anybody else becomes root in a user namespace first.
apart='unshare --mount --propagation private'
[ "$(id -u)" = 0 ] || apart="$apart --user --map-root-user"
$apart true 2>/dev/null ||
    cannot "make a mount namespace: be root, or allow user namespaces (in a container: privileged)"

# Not below /run, which is hidden from pcscd.
folder=$(mktemp -d /tmp/saifu-pcscd.XXXXXX) || cannot "make a folder in /tmp"
mkdir -p "$folder/run/pcscd" "$folder/conf" "$folder/none"
cp "$driver" "$folder/libifdvpcd.so" || cannot "copy $driver"
[ "$port" = 0 ] || cat >"$folder/conf/readers" <<CONF
FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:$port
LIBPATH      $folder/libifdvpcd.so
CHANNELID    $port

CONF
[ -z "$line" ] || cp "$ccid" "$folder/libccidtwin.so" || cannot "copy $ccid"
[ -z "$line" ] || cat >>"$folder/conf/readers" <<CONF
FRIENDLYNAME "CCID Line"
DEVICENAME   $line:GemPCTwin
LIBPATH      $folder/libccidtwin.so
CHANNELID    1
CONF

start() {
    rm -rf "$folder/run/pcscd"
    mkdir -m 755 "$folder/run/pcscd"
    # shellcheck disable=SC2086,SC2016 # words on purpose; expanded by the inner shell
    $apart sh -c 'mount --bind "$1/none" "$2" && mount --bind "$1/run" /run &&
        exec pcscd --foreground --info --config "$1/conf"' \
        sh "$folder" "$drivers" </dev/null >>"$folder/log" 2>&1 &
    pid=$!
    echo "pcscd $pid $folder"
}

# A pcscd that waits for a silent card does not heed SIGTERM.
end() {
    kill -TERM "$pid" 2>/dev/null
    (sleep 2; kill -KILL "$pid") >/dev/null 2>&1 &
    late=$!
    wait "$pid" 2>/dev/null
    kill "$late" 2>/dev/null
    rm -rf "$folder"
}

# An interrupt at the keyboard also ends whoever holds the input; then it closes.
trap '' INT HUP
trap 'end; exit 0' TERM
start
while read -r word; do
    case $word in
        kill) kill -KILL "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; echo killed ;;
        start) start ;;
    esac
done
end
