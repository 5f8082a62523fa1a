module grove-port

go 1.18
