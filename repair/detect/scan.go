package detect

func (p *Pass) scan() {}

type gapJudge struct{}
