# Small kindnesses: drafts, uploads, copying.
draft-restored = 已恢复您在 { $at } 输入的内容，尚未发送。
draft-changed = 您在 { $at } 在此输入过内容，尚未发送；此后页面已有变化。
draft-restore = 恢复
draft-discard = 丢弃
copy = 复制
copied = 已复制
copy-marked = 已选中，请用键盘复制
permalink = 永久链接
upload-bar = 已发送多少
upload-sending = 已发送 { $done }，共 { $all }
upload-arrived = 已全部发送，服务器正在查看……
upload-cancel = 停止发送
upload-cancelled = 已停止，什么都没有提交；文件仍为选中状态。
upload-broken = 连接中断。请重试：重复发送只算一次。
