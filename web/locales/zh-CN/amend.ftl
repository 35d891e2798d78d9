# 比赛进行中经同意修改规则。
amend-title = 修改规则
amend-lead = 比赛进行时规则是冻结的。改动必须改的部分，查看差异，然后提出：所有参赛者都同意或退出后才生效。
amend-group = 原因与期限
amend-rules-of = 每位队长代表本队答复。全部答复后立即生效。任何人的沉默都不会改变对其适用的规则：只要有一个参赛队未按时答复，修改即告失效，一切照旧。选择退出者在修改生效时退出，有起跑奖的领取起跑奖，之后不能再回到本场比赛；若修改失效，则视为没有退出。
amend-reason = 原因
amend-reason-hint = 所有能看到比赛的人都会读到，最多 2,000 字。
amend-answer-by = 答复截止
amend-answer-by-hint = 至少一天之后，且在阶段或比赛结束之前。留空：三天；若阶段或比赛更早结束则更短。
amend-preview-button = 查看差异
amend-difference = 改动内容
amend-asked = { $count ->
    [0] 没有人参赛：立即生效。
   *[other] 征询 { $count } 个参赛队。
}
amend-answered = { $count ->
    [0] 尚无答复。
   *[other] 已有 { $count } 个答复。
}
amend-outstanding = 尚未答复：
amend-start = 退出者全队可得：
amend-freeze = 每次结束前榜单冻结
amend-col-rule = 规则
amend-col-before = 现行
amend-col-after = 生效后
amend-col-where = 位置
amend-table-before = 现行各名次所得
amend-table-after = 修改后各名次所得
amend-frozen = 按冻结内容逐项列出的差异
amend-frozen-hint = 采用冻结规则中的名称：金额为最小单位，分数为百分之一分，份额为基点。
amend-how = 如何决定
amend-aside = 修改的进展
amend-ended = 决定于
amend-says-nothing = 你的参赛队尚未答复。
amend-says-consent = 你的参赛队同意。决定之前可以更改。
amend-says-leave = 修改生效时你的参赛队将退出。决定之前可以更改。
amend-captain-answers = 由队长代表全队答复。若不同意队长的意见，你可以离队。
amend-leave-title = 因此修改退出比赛
amend-leave-lead = 修改生效时，你的参赛队将永久退出本场比赛；若有起跑奖，会立即发放给全队。若修改失效，则什么也不会发生。如果只差你的答复，那就是现在。
amend-withdraw-title = 撤回修改
amend-withdraw-lead = 规则保持不变，所有答复作废。
amend-enter-title = 规则将要修改
amend-enter-read = 阅读改动内容
amend-enter-accept = 我已阅读，无论现行规则还是全体同意后的新规则，我都参赛。
amendment-title = 规则修改
amendment-open-badge = 等待答复
amendment-in-force = 已生效
amendment-fallen = 已失效
amendment-withdrawn = 已撤回
task-amendments = 规则的版本
rules-version = 规则第 { $count } 版
rule-departed = 已付给退出者
stage-named = 第 { $number } 阶段：{ $name }
stage-ends-judged = { $ends } 结束，评分截止 { $judged }。
stage-pays = 立即发放 { $pot }：{ $plan }
diff-gone = 删去：
diff-new = 新增：
act-amend-ask = 修改规则
act-amend = 提出修改
act-amend-consent = 同意
act-amend-leave = 退出比赛
act-amend-withdraw = 撤回
done-amend-proposed = 已提出：每位队长都会收到通知。
done-amend-consent = 你的答复已记录在案。
done-amend-leave = 你的答复已记录在案。
done-amend-withdrawn = 已撤回：规则保持不变。
entry-left = 因修改退出
work-amendment = 答复规则修改
work-await-amendment = 规则修改等待答复
