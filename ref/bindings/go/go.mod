module grove

go 1.18
