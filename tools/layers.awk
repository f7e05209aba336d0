# tools/layers.awk - the law of src/LAYERS: awk -f tools/layers.awk src/LAYERS $(find src -name '*.[ch]')
#
# A room may include itself and the rooms that its line names, all of which stand above it. A private header does not
# leave its folder, and two folders of one room (two providers) do not know each other.
function room_of(path) { sub(/^(.*\/)?src\//, "", path); sub(/\/.*/, "", path); return path }
function folder_of(path) { sub(/^(.*\/)?src\//, "", path); sub(/\/[^\/]*$/, "", path); return path }
function fault(text) { print FILENAME ":" FNR ": " text; faults++ }

FILENAME ~ /LAYERS$/ {
    if (/^#/ || NF == 0) next
    room = $1; sub(/:$/, "", room)
    allowed[room, room] = known[room] = 1
    for (i = 2; i <= NF; i++) {
        if ($i == "*") everything[room] = 1
        else if (!($i in known)) fault(room " leans on " $i ", which does not stand above it")
        allowed[room, $i] = 1
    }
    next
}
FNR == 1 {
    here = room_of(FILENAME); folder = folder_of(FILENAME)
    if (!(here in known)) fault("the room " here " is not in LAYERS")
}
match($0, /^[ \t]*#[ \t]*include[ \t]*"[^"]*\//) {
    from = substr($0, RSTART, RLENGTH - 1); sub(/.*"/, "", from)
    there = from; sub(/\/.*/, "", there)
    if (!everything[here] && !((here, there) in allowed)) fault(here "/ may not include " there "/")
    if (from != folder && /_priv\.h"/) fault("a private header of " from "/")
    if (there == here && from != folder && from != here && folder != here) fault(folder "/ and " from "/ may not know each other")
}
END { exit faults > 0 }
