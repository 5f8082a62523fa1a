module consumer

go 1.18

require @MODULE@ v@VERSION@
