# 时间的远近。
when-just-now = 刚刚
when-in-moments = 一分钟之内
when-in-minutes = { $count } 分钟后
when-minutes-ago = { $count } 分钟前
when-in-hours = { $count } 小时后
when-hours-ago = { $count } 小时前
when-in-days = { $count } 天后
when-days-ago = { $count } 天前
when-in-months = { $count } 个月后
when-months-ago = { $count } 个月前
when-in-years = { $count } 年后
when-years-ago = { $count } 年前
duration-days = { $count } 天
duration-hours = { $count } 小时
duration-minutes = { $count } 分钟
