module copydesk

go 1.26
