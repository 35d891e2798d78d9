# 首页。
front-title = 让最好的方案胜出，让奖励看得见。
front-lead = 发布一个带赏金的任务，多个团队同场赛马。比赛结束时，由公开的规则发放代币，每一步都可以核验。
front-see = 查看公开挑战
front-challenges = { $house } 的公开挑战
front-all = 全部任务
front-none-title = 目前没有公开挑战
front-none-text = 请稍后再来，或登录查看内部任务。
front-how = 如何运作
front-how-post = 锁定赏金
front-how-post-text = 任何人参赛之前，全部奖金已进入托管，谁也不能调低。
front-how-run = 团队赛马
front-how-run-text = 每个参赛一条赛道，提交的内容在截止之前始终封存。
front-how-rule = 裁定并说明理由
front-how-rule-text = 申诉期结束之前，名次与评分都是暂定的。
front-how-pay = 按规则发放
front-how-pay-text = 托管按份额发放到各个钱包，并附上可离线验证的回执。
front-paid = 最近发放
demo-cast = 以下列身份试用
demo-cast-text = 这是演示环境：这里的每个人都有事可做。
front-stake = 正在争夺的赏金
front-running = 来自 { $count } 个进行中的公开挑战
front-paid-ever = 已发给参赛者
front-settled = 来自 { $count } 个已结算的挑战

# Searching.
search-title = 搜索
search-lead = 按名称查找任务、人员、小微和专项；按编号查找记录。
search-label = 词语或记录编号
search-people = 人员
search-empty-title = 没有找到
search-empty-text = 请减少词语，或只写一部分。您无权查看的内容不会出现在结果中。
search-open = 搜索（按 /）
