module grove.invalid/protocol

go 1.26
