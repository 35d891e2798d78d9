# 设计系统总览页。
style-title = 组件
style-lead = 所有页面所用的组件，两种语言，两种配色。
style-letters = 文字与颜色
style-buttons = 按钮
style-states = 状态与导航
style-told = 提示
style-figures = 数字
style-sheets = 卡片
style-fields = 输入项
style-ways = 导航
style-lanes = 跑道
style-before = 弹窗
style-plots = 图表
style-going = 上传进度
