# 表单通用。
form-errors = 有 { $count } 处需要修改：
