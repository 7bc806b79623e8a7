iovsim run tiny.yaml --set "traffic[0].rate=0" --set "traffic[0].arrival={model: replay, file: nowhere.pcap}"
