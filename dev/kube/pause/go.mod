module kube.node/pause

go 1.24
