module @MODULE@

go 1.18
